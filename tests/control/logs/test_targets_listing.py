"""From services to groups: labels, paths as the shipper sees them, and what is left out and why."""

from __future__ import annotations

from typing import Any

import pytest
from log_shipping import service, stdout

from mixdesk import joblog
from mixdesk_control.logs.places import HostPlace, RootPlace
from mixdesk_control.logs.source import InEngine, InFiles, Service, Source
from mixdesk_control.logs.targets import Listing, document, globs, listing
from mixdesk_control.logs.targets.listing import name_pattern

MOUNTED = HostPlace((("/var/log/nginx", "/srv/nginx"), ("/app/storage", "/srv/api/storage")))
ANYWHERE: dict[str, Any] = {
    "platform": "voice",
    "host": "box",
    "path_map": {},
    "job_types": (),
    "log_root": "/state/logs",
}


def listed(*services: Service, **changed: Any) -> Listing:
    return listing(services, **{**ANYWHERE, **changed})


def paths(found: Listing) -> dict[str, str]:
    return {f"{g['labels']['service']}/{g['labels']['source']}": g["labels"]["__path__"] for g in found.groups}


def test_a_group_is_as_the_contract_has_it() -> None:
    nginx = service("nginx", error=InFiles(MOUNTED, "/var/log/nginx/error.log"))
    assert document([nginx], **ANYWHERE) == [
        {
            "targets": ["localhost"],
            "labels": {
                "__path__": "/srv/nginx/error.log",
                "__path_exclude__": "/srv/nginx/*.{[0-9],[0-9][0-9],gz,bz2,xz,zst}",
                "platform": "voice",
                "host": "box",
                "service": "nginx",
                "source": "error",
                "kind": "error",
            },
        }
    ]


def test_order_is_by_service_and_source_whatever_comes_first() -> None:
    api = service("api", laravel=InFiles(MOUNTED, "/app/storage/logs/laravel.log"), stdout=stdout("a" * 64))
    nginx = service("nginx", error=InFiles(MOUNTED, "/var/log/nginx/error.log"))
    one, other = listed(api, nginx), listed(nginx, api)
    assert one == other
    assert list(paths(one)) == ["api/laravel", "api/stdout", "nginx/error"]


def test_labels_are_of_service_and_source_alone() -> None:
    def labels(container: str) -> dict[str, str]:
        (group,) = listed(service("api", stdout=stdout(container))).groups
        return {name: value for name, value in group["labels"].items() if not name.startswith("__")}

    assert labels("a" * 64) == labels("b" * 64)
    assert set(labels("a" * 64)) == {"platform", "host", "service", "source", "kind"}


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("laravel-2026-11-30.log", "laravel-*.log", "laravel-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].log"),
        ("app.20261130.log", "app.*.log", "app.[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9].log"),
        ("app-new.log", "app-*.log", "app-*.log"),
        ("error.log", None, "error.log"),
        ("error.log", "error.log", "error.log"),
        ("odd[1].log", None, r"odd\[1\].log"),
    ],
)
def test_the_pattern_of_a_name(name: str, pattern: str | None, expected: str) -> None:
    assert name_pattern(name, pattern) == expected


def test_daily_files_match_on_each_day_and_nothing_else() -> None:
    daily = InFiles(MOUNTED, "/app/storage/logs/laravel-2026-11-30.log", pattern="laravel-*.log")
    (group,) = listed(service("api", laravel=daily)).groups
    matching, leaving = globs.matcher(group["labels"]["__path__"]), globs.matcher(group["labels"]["__path_exclude__"])
    folder = "/srv/api/storage/logs"
    assert matching(f"{folder}/laravel-2026-12-01.log")
    for other in ("laravel-worker.log", "laravel.log", "laravel-2026-11-29.log.1", "laravel-2026-11-29.log.gz"):
        assert not matching(f"{folder}/{other}")
    assert leaving(f"{folder}/laravel-2026-11-29.log.gz")
    assert not leaving(f"{folder}/laravel-2026-11-30.log")


def test_paths_are_those_of_the_shipper_and_the_longest_folder_wins() -> None:
    nginx = service("nginx", error=InFiles(MOUNTED, "/var/log/nginx/error.log"))
    api = service("api", laravel=InFiles(MOUNTED, "/app/storage/logs/laravel.log"))
    found = listed(nginx, api, path_map={"/srv": "/logs", "/srv/api/": "/php/"})
    assert paths(found) == {"nginx/error": "/logs/nginx/error.log", "api/laravel": "/php/storage/logs/laravel.log"}
    assert paths(listed(nginx, path_map={"/": "/host"})) == {"nginx/error": "/host/srv/nginx/error.log"}


def test_with_a_map_only_what_it_names_is_listed() -> None:
    nginx = service("nginx", error=InFiles(MOUNTED, "/var/log/nginx/error.log"), stdout=stdout("a" * 64))
    found = listed(nginx, path_map={"/srv/nginx": "/logs/nginx", "/var/lib/dock": "/x"})
    assert paths(found) == {"nginx/error": "/logs/nginx/error.log"}
    assert [(one.source, "path_map" in one.why) for one in found.omitted] == [("stdout", True)]


def test_jobs_have_one_target_a_type() -> None:
    one_of_many = Service(name="jobs", sources=(Source(service="jobs", id="j1", kind="application", reason="x"),))
    found = listed(one_of_many, job_types=["rvc_training", "tts"], path_map={"/state": "/mixdesk"})
    assert paths(found) == {
        "jobs/rvc_training": "/mixdesk/logs/jobs/rvc_training/*.log",
        "jobs/tts": "/mixdesk/logs/jobs/tts/*.log",
    }
    assert found.omitted == ()
    assert paths(listed(job_types=["../x y"])) == {"jobs/../x y": f"/state/logs/jobs/{joblog.slug('../x y')}/*.log"}
    assert {group["labels"]["kind"] for group in found.groups} == {"application"}


def test_what_cannot_be_shipped_is_named_with_what_helps() -> None:
    api = service(
        "api",
        a=InEngine("c" * 64),
        b=InFiles(RootPlace(1, 1), "/app/logs/b.log"),
        c=None,
        d=InFiles(HostPlace.everything(), "/srv/back\\slash.log"),
    )
    refused = Source(service="api", id="e", kind="error", origin=InFiles(MOUNTED, "/var/log/nginx/x"), reason="a fifo")
    found = listed(Service(name="api", sources=(*api.sources, refused)))
    assert found.groups == ()
    reasons = [(one.source, one.why) for one in found.omitted]
    expected = ["loki.source.docker", "mount the folder", "nobody can tell", "rename it", "a fifo"]
    for (source, why), id, part in zip(reasons, "abcde", expected, strict=True):
        assert source == id
        assert part in why


def test_two_services_that_share_a_file_have_a_target_each() -> None:
    shared = InFiles(MOUNTED, "/app/storage/logs/laravel.log")
    found = listed(service("api", laravel=shared), service("api-worker", laravel=shared))
    assert len(set(paths(found).values())) == 1
    assert len(found.groups) == 2


def test_a_label_that_loki_would_refuse_is_left_out() -> None:
    found = listed(job_types=["é" * 101, "ok", "\udcff"])
    assert list(paths(found)) == ["jobs/ok"]
    assert "longer than 200 bytes" in found.omitted[0].why
