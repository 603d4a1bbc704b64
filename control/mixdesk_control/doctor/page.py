"""The built page: is it there, and of this version?"""

from __future__ import annotations

from mixdesk.version import __version__
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Context, Finding
from mixdesk_control.web import export
from mixdesk_control.web.admin import folder_of
from mixdesk_control.web.building import not_built

NAME = "page"
ANEW = "run `make admin` in the source, or install a released wheel"


def check(context: Context) -> Finding:
    """Reads the whole build, as a desk does."""
    folder = folder_of(context.env)
    if export.mark_of(folder) is None:
        why = not_built(folder)
        if why.state == "building":
            return Finding(NAME, ABSENT, "it is being built", "wait a minute: an open tab loads it by itself")
        return Finding(NAME, ABSENT, f"only the small page is there: {why.detail}", ANEW)
    try:
        built = export.load(folder)
    except export.NotWhole as error:
        return Finding(NAME, BROKEN, str(error), ANEW)
    if built.version != __version__:
        return Finding(NAME, WARNING, f"{folder} is of version {built.version}, the desk of {__version__}", ANEW)
    return Finding(NAME, OK, f"version {built.version} in {folder}")
