"""Draw a picture anew from its pixels, so that it looks the same and holds nothing else."""

from __future__ import annotations

import io
from typing import IO

from PIL import Image, ImageCms, ImageOps

QUALITY = 90
KINDS = {"MPO": "JPEG"}
"""What is written for a kind that holds several pictures: phones write MPO and call it .jpg."""


def redraw(picture: IO[bytes]) -> io.BytesIO:
    """Return the first picture of the file, upright and in sRGB, with its transparency.

    Metadata (position, camera, thumbnails, comments) and the color profile are gone. Raises
    OSError, SyntaxError or ValueError when it cannot be decoded to its end.
    """
    drawn = io.BytesIO()
    with Image.open(picture) as opened:
        kind = KINDS.get(opened.format or "", opened.format)
        profile = opened.info.get("icc_profile")
        pixels = _with_alpha(ImageOps.exif_transpose(opened))
        pixels = _in_srgb(pixels, profile)
        pixels.info = {}
        pixels.save(drawn, kind, quality=QUALITY)
    drawn.seek(0)
    return drawn


def _with_alpha(pixels: Image.Image) -> Image.Image:
    """Return transparency that is a color, or an entry of the palette, as a channel."""
    if pixels.has_transparency_data and "A" not in pixels.getbands():
        return pixels.convert("RGBA")
    return pixels


def _in_srgb(pixels: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colors as browsers show them that know no profile; a broken one is left out."""
    alpha = pixels.getchannel("A") if "A" in pixels.getbands() else None
    colors = _convert(pixels, profile) if profile else pixels
    if colors.mode in {"CMYK", "YCbCr", "LAB", "HSV"}:
        colors = colors.convert("RGB")
    if alpha is not None and "A" not in colors.getbands():
        colors.putalpha(alpha)
    return colors


def _convert(pixels: Image.Image, profile: bytes) -> Image.Image:
    opaque = {"RGBA": "RGB", "LA": "L", "P": "RGB", "PA": "RGB"}.get(pixels.mode, pixels.mode)
    try:
        converted = ImageCms.profileToProfile(
            pixels.convert(opaque),
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return pixels
    return converted or pixels
