"""A surface in cover coordinates (1200 by 630), drawn larger and reduced for smooth edges."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil, floor

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 630
SCALE = 2
WEBP_QUALITY = 88

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)


class Canvas:
    """Opacities run from 0 to 1; lengths, like coordinates, are those of the finished picture."""

    def __init__(self, *, start: Color, end: Color) -> None:
        """Begin with a gradient from the top left (``start``) to the bottom right (``end``)."""
        size = (WIDTH * SCALE, HEIGHT * SCALE)
        self._image = Image.composite(
            Image.new("RGB", size, end), Image.new("RGB", size, start), _diagonal(size)
        )
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def webp(self) -> bytes:
        """Return the finished picture, the same bytes for the same drawing."""
        finished = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        output = BytesIO()
        finished.save(output, "WEBP", quality=WEBP_QUALITY, method=6)
        return output.getvalue()

    def polygon(self, points: Sequence[Point], color: Color, opacity: float = 1.0) -> None:
        self._draw.polygon(_scaled(points), fill=_rgba(color, opacity))

    def line(
        self, points: Sequence[Point], color: Color, *, width: float, opacity: float = 1.0
    ) -> None:
        """Draw a line with round joints and ends."""
        mask, corner = _mask_over(points, margin=width)
        path = _scaled([(x - corner[0], y - corner[1]) for x, y in points])
        pen = ImageDraw.Draw(mask)
        pen.line(path, fill=255, width=round(width * SCALE), joint="curve")
        for x, y in (path[0], path[-1]):
            radius = width * SCALE / 2
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self._paint(color, mask, corner, opacity)

    def disc(self, center: Point, radius: float, color: Color, opacity: float = 1.0) -> None:
        self._draw.ellipse(_around(center, radius), fill=_rgba(color, opacity))

    def ring(
        self, center: Point, radius: float, color: Color, *, width: float, opacity: float = 1.0
    ) -> None:
        self.arc(center, radius, color, angles=(0, 360), width=width, opacity=opacity)

    def arc(
        self,
        center: Point,
        radius: float,
        color: Color,
        *,
        angles: tuple[float, float],
        width: float,
        opacity: float = 1.0,
    ) -> None:
        """Draw an arc centered on its radius; degrees run clockwise from three o'clock."""
        box = _around(center, radius + width / 2)
        self._draw.arc(box, *angles, fill=_rgba(color, opacity), width=round(width * SCALE))

    def pie(
        self,
        center: Point,
        radius: float,
        color: Color,
        *,
        angles: tuple[float, float],
        opacity: float = 1.0,
    ) -> None:
        self._draw.pieslice(_around(center, radius), *angles, fill=_rgba(color, opacity))

    def panel(self, box: Box, color: Color, *, radius: float = 0, opacity: float = 1.0) -> None:
        """Fill a rectangle with rounded corners."""
        self._draw.rounded_rectangle(
            _scaled_box(box), radius=radius * SCALE, fill=_rgba(color, opacity)
        )

    def frame(
        self, box: Box, color: Color, *, radius: float = 0, width: float = 2, opacity: float = 1.0
    ) -> None:
        """Outline a rectangle with rounded corners."""
        self._draw.rounded_rectangle(
            _scaled_box(box),
            radius=radius * SCALE,
            outline=_rgba(color, opacity),
            width=round(width * SCALE),
        )

    def fading_area(self, points: Sequence[Point], color: Color, opacity: float) -> None:
        """Fill a polygon that fades from ``opacity`` at its top to nothing at its bottom."""
        mask, corner = _mask_over(points, margin=0)
        path = _scaled([(x - corner[0], y - corner[1]) for x, y in points])
        ImageDraw.Draw(mask).polygon(path, fill=255)
        fade = ImageChops.invert(Image.linear_gradient("L")).resize(mask.size)
        self._paint(color, ImageChops.multiply(mask, fade), corner, opacity)

    def glow(self, center: Point, radius: float, color: Color, opacity: float) -> None:
        """Add light (or, with a dark color, shade) that fades out from ``center``."""
        side = round(2 * radius * SCALE)
        spot = ImageChops.invert(Image.radial_gradient("L")).resize((side, side))
        spot = spot.point([_spot_level(level, opacity) for level in range(256)])
        left, top, _, _ = _around(center, radius)
        self._image.paste(color, (round(left), round(top)), spot)

    def shadow(self, box: Box, *, radius: float, blur: float, opacity: float) -> None:
        """Darken softly where ``box`` would cast its shadow."""
        small = Image.new("L", (WIDTH // 2, HEIGHT // 2), 0)
        corners = [edge / 2 for edge in box]
        ImageDraw.Draw(small).rounded_rectangle(corners, radius=radius / 2, fill=255)
        soft = small.filter(ImageFilter.GaussianBlur(blur / 2))
        self._paint((0, 0, 0), soft.resize(self._image.size), (0, 0), opacity)

    def _paint(self, color: Color, mask: Image.Image, corner: Point, opacity: float) -> None:
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        self._image.paste(color, (round(corner[0] * SCALE), round(corner[1] * SCALE)), mask)


def mixed(first: Color, second: Color, share: float) -> Color:
    """Return ``first`` with ``share`` (0 to 1) of ``second`` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _diagonal(size: tuple[int, int]) -> Image.Image:
    """Return the weights of a gradient from the top left to the bottom right corner."""
    across = Image.linear_gradient("L").rotate(90).resize(size, Image.Resampling.BICUBIC)
    down = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return Image.blend(across, down, 0.4)


def _mask_over(points: Sequence[Point], *, margin: float) -> tuple[Image.Image, Point]:
    """Return an empty mask just large enough, and where its top left corner belongs."""
    left, top = (floor(min(point[axis] for point in points) - margin) for axis in (0, 1))
    right, bottom = (ceil(max(point[axis] for point in points) + margin) for axis in (0, 1))
    return Image.new("L", ((right - left) * SCALE, (bottom - top) * SCALE), 0), (left, top)


def _spot_level(level: int, opacity: float) -> int:
    """Reshape Pillow's radial gradient, which is zero in its corners only, to end in a circle."""
    edge = 76
    inside = max(0, level - edge) / (255 - edge)
    return round(255 * opacity * inside * inside * (3 - 2 * inside))


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _scaled_box(box: Box) -> Box:
    left, top, right, bottom = box
    return left * SCALE, top * SCALE, right * SCALE, bottom * SCALE


def _around(center: Point, radius: float) -> Box:
    x, y = center
    return _scaled_box((x - radius, y - radius, x + radius, y + radius))


def _rgba(color: Color, opacity: float) -> tuple[int, int, int, int]:
    return (*color, round(255 * opacity))
