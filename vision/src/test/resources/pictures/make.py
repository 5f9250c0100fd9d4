"""Writes small pictures of every kind, and what Pillow's convert("RGB") makes of them (NAME.rgb).

python make.py, with Pillow 12.3 and numpy
"""
import io

import numpy
from PIL import Image

y, x = numpy.mgrid[0:8, 0:16]
RGB = numpy.stack([x * 16, y * 30, (x + y) * 10], -1).astype(numpy.uint8)
INKS = numpy.stack([x * 16, y * 30, (x + y) * 10, (x * y) * 2], -1).astype(numpy.uint8)
ALPHA = (x * 16).astype(numpy.uint8)[..., None]
rgb = Image.fromarray(RGB)
rgba = Image.fromarray(numpy.concatenate([RGB, ALPHA], -1))
cmyk = Image.frombytes("CMYK", (16, 8), INKS.tobytes())


def encoded(image, format, **options):
    out = io.BytesIO()
    image.save(out, format=format, **options)
    return out.getvalue()


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)
    with Image.open(name) as image, open(name + ".rgb", "wb") as file:
        file.write(image.convert("RGB").tobytes())


inverted = encoded(cmyk, "JPEG", quality=95)
adobe = inverted.find(b"Adobe")
marker = inverted.rfind(b"\xff\xee", 0, adobe)
length = int.from_bytes(inverted[marker + 2 : marker + 4], "big")
write("cmyk.jpg", inverted)
write("cmyk-coarse.jpg", encoded(cmyk, "JPEG", quality=30, progressive=True))
write("cmyk-plain.jpg", inverted[:marker] + inverted[marker + 2 + length :])
write("ycck.jpg", inverted[: adobe + 11] + b"\x02" + inverted[adobe + 12 :])
exif = Image.Exif()
exif[274] = 6  # turned by 90 degrees, which convert ignores
write("turned.jpg", encoded(rgb, "JPEG", quality=95, exif=exif))
write("progressive.jpg", encoded(rgb, "JPEG", quality=95, progressive=True))
write("gray.jpg", encoded(rgb.convert("L"), "JPEG", quality=95))
write("alpha.png", encoded(rgba, "PNG"))
write("gray-alpha.png", encoded(rgba.convert("LA"), "PNG"))
write("palette.png", encoded(rgb.convert("P"), "PNG"))
write("bits.png", encoded(rgb.convert("1"), "PNG"))
write("rgb.bmp", encoded(rgb, "BMP"))
write("palette.bmp", encoded(rgb.convert("P"), "BMP"))
write("lzw.tif", encoded(rgb, "TIFF", compression="tiff_lzw"))
write("cmyk.tif", encoded(cmyk, "TIFF"))
write("animated.gif", encoded(rgb.convert("P"), "GIF", save_all=True, append_images=[rgb.rotate(180)]))
write("lossless.webp", encoded(rgba, "WEBP", lossless=True, exact=True))
write("lossy.webp", encoded(rgb.resize((64, 32), Image.Resampling.BICUBIC), "WEBP", quality=90))
