"""The Hub's own word on what has to go to LFS, put in the place of the local guess. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from hfpush.repo.audit.found import FoundBlob, Scan

Mode = Literal["lfs", "regular"]


def with_hub_modes(scan: Scan, modes: Mapping[str, Mode]) -> Scan:
    """The scan with `binary` as the Hub answers it for each path (`uploadMode` of its preupload call).

    A blob is binary where the Hub wants it in LFS under any of its paths. Pointers, and blobs under paths that the Hub
    was not asked about, stay as they are; so do blobs over the size limit, which need no second reason.
    """
    return replace(scan, blobs=tuple(_answered(blob, modes) for blob in scan.blobs))


def _answered(blob: FoundBlob, modes: Mapping[str, Mode]) -> FoundBlob:
    answers = {modes[at.path] for at in blob.sightings if at.path in modes}
    if blob.pointer is not None or not answers:
        return blob
    return replace(blob, binary="lfs" in answers)
