"""The nouns of this room: a project, its services, and what they mount and publish. Frozen, and pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BIND, VOLUME, TMPFS = "bind", "volume", "tmpfs"

MOST_CONTAINERS = 100  # of one service, whose names are told


@dataclass(frozen=True, slots=True)
class Volume:
    """What a service mounts.

    kind    bind, volume or tmpfs; the rarer npipe, cluster and image as they are written
    source  a folder of the host for a bind; a key of the project's volumes; None for tmpfs and unnamed volumes
    target  where the container sees it
    """

    kind: str
    source: str | None
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class NamedVolume:
    """A volume of the project.

    name    as the engine knows it
    folder  the host's folder that it stands for; None where the engine keeps it
    """

    name: str
    external: bool = False
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container, and where the host answers for it.

    published  a port or a range; empty where the engine chooses
    address    of the host; empty: all of them
    """

    target: int
    published: str = ""
    address: str = ""
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Logging:
    """Where the engine puts the output; empty: its own default."""

    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gpus:
    """These GPUs, or some that the engine chooses."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service; None and empty where the files do not say.

    volumes       of `tmpfs`, too
    profiles      it is started with one of these only; without any always
    dependencies  services that it names: to wait for, to link, to share a network or volumes with
    has_health    whether there is a check; None where only its image may have one
    replicas      how many containers; None: one
    """

    name: str
    image: str | None = None
    container_name: str | None = None
    volumes: tuple[Volume, ...] = ()
    profiles: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    logging: Logging | None = None
    ports: tuple[Port, ...] = ()
    gpus: Gpus | None = None
    has_health: bool | None = None
    replicas: int | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """What compose files say together.

    volumes  by the key that services name
    notes    what people should know: variables without a value, files that are not read
    """

    name: str
    services: Mapping[str, Service]
    volumes: Mapping[str, NamedVolume] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def container_names(self, service: str) -> tuple[str, ...]:
        """The containers of a service, as compose names them; the first MOST_CONTAINERS. Raises KeyError."""
        found = self.services[service]
        if found.container_name:
            return (found.container_name,)
        number = 1 if found.replicas is None else min(found.replicas, MOST_CONTAINERS)
        return tuple(f"{self.name}-{service}-{place}" for place in range(1, number + 1))
