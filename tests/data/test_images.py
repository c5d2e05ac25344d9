"""Files that Pillow wrote, of every kind, against the pixels that went in."""

import numpy as np
import pytest
from PIL import Image

from labelnoise.data import images

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (8, 8), np.uint8)
RGB = RNG.integers(0, 256, (8, 8, 3), np.uint8)


def decode(path, size=8, mode="rgb", max_pixels=10_000):
    return images.decode(path, size, mode, max_pixels)


@pytest.fixture
def saved(tmp_path):
    def save(image, name="a.png", **options):
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return save


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.ppm", "a.webp"])
def test_lossless_formats_of_the_right_size_come_out_as_they_are(saved, name):
    path = saved(Image.fromarray(RGB), name, **({"lossless": True} if name == "a.webp" else {}))
    np.testing.assert_array_equal(decode(path), RGB.transpose(2, 0, 1))


def test_grey_and_rgb_modes(saved):
    np.testing.assert_array_equal(decode(saved(Image.fromarray(GREY)), mode="grey"), GREY[None])
    np.testing.assert_array_equal(decode(saved(Image.fromarray(GREY))), np.stack([GREY] * 3))
    weights = np.array([0.299, 0.587, 0.114])  # ITU-R 601
    assert np.abs(decode(saved(Image.fromarray(RGB)), mode="grey")[0] - RGB @ weights).max() <= 1


def test_jpeg_is_near(saved):
    smooth = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    got = decode(saved(Image.fromarray(smooth), "a.jpg", quality=95), 16, "grey")
    assert np.abs(got[0].astype(int) - smooth).max() <= 4


def test_palette_and_transparent_palette(saved):
    image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) % 4, "P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3])
    np.testing.assert_array_equal(
        decode(saved(image))[:, 0, :4].T, [[10, 20, 30], [40, 50, 60], [70, 80, 90], [1, 2, 3]]
    )
    got = decode(saved(image, transparency=1))
    np.testing.assert_array_equal(got[:, 0, :3].T, [[10, 20, 30], [255, 255, 255], [70, 80, 90]])


def test_what_is_transparent_is_white(saved):
    pixels = np.full((8, 8, 4), [200, 100, 0, 255], np.uint8)
    pixels[0, 0, 3], pixels[0, 1, 3] = 0, 51  # a fifth
    got = decode(saved(Image.fromarray(pixels, "RGBA")))
    assert got[:, 0, 0].tolist() == [255, 255, 255]
    np.testing.assert_allclose(got[:, 0, 1], [0.2 * 200 + 204, 0.2 * 100 + 204, 204], atol=1)
    assert got[:, 7, 7].tolist() == [200, 100, 0]
    got = decode(saved(Image.fromarray(np.dstack([GREY, 255 * (GREY > 99)]).astype(np.uint8), "LA")), mode="grey")
    np.testing.assert_array_equal(got[0], np.where(GREY > 99, GREY, 255))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_are_scaled_and_not_cut_off(saved, name):
    levels = np.array([[0, 257], [65535, 30000]], np.uint16)
    got = decode(saved(Image.fromarray(levels), name), 2, "grey")
    assert got[0].tolist() == [[0, 1], [255, 117]]  # 30000 / 257 = 116.7


def test_one_bit_and_cmyk(saved):
    bits = GREY > 127
    np.testing.assert_array_equal(decode(saved(Image.fromarray(bits)), mode="grey")[0], 255 * bits)
    ink = Image.fromarray(np.full((8, 8, 4), [0, 255, 255, 0], np.uint8), "CMYK")  # magenta and yellow: red
    red, green, blue = decode(saved(ink, "a.jpg", quality=100))[:, 4, 4]
    assert red > 245 and green < 10 and blue < 10
    assert decode(saved(ink, "a.tif"), mode="grey").shape == (1, 8, 8)


def test_exif_orientation_is_applied(saved):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to see it upright
    got = decode(saved(Image.fromarray(GREY), exif=exif), mode="grey")
    np.testing.assert_array_equal(got[0], np.rot90(GREY, -1))


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.tif", "a.png"])
def test_first_frame_of_an_animation(saved, name):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    options = {"lossless": True} if name == "a.webp" else {}
    path = saved(frames[0], name, save_all=True, append_images=frames[1:], **options)
    assert decode(path)[:, 3, 3].tolist() == [255, 0, 0]


def test_center_square_of_which_the_shorter_side_is_scaled(saved):
    wide = np.zeros((8, 24), np.uint8)
    wide[:, 8:16] = GREY
    np.testing.assert_array_equal(decode(saved(Image.fromarray(wide)), mode="grey")[0], GREY)
    halves = np.kron(GREY, np.ones((4, 4), np.uint8))
    got = decode(saved(Image.fromarray(np.full((32, 64), 99, np.uint8))), mode="grey")
    assert (got == 99).all()
    assert np.corrcoef(decode(saved(Image.fromarray(halves)), mode="grey").ravel(), GREY.ravel())[0, 1] > 0.9


def test_tiny_and_narrow_images_are_enlarged(saved):
    assert (decode(saved(Image.new("RGB", (1, 1), (9, 8, 7)))) == np.array([9, 8, 7])[:, None, None]).all()
    assert decode(saved(Image.new("L", (500, 1), 5)), mode="grey").shape == (1, 8, 8)


def test_a_large_jpeg_looks_like_its_reduced_self(saved):
    big = np.kron(GREY, np.ones((100, 100), np.uint8))
    path = saved(Image.fromarray(big), "a.jpg", quality=95)
    got = decode(path, mode="grey", max_pixels=10**6)
    expected = big.reshape(8, 100, 8, 100).mean((1, 3))
    assert np.corrcoef(got.ravel(), expected.ravel())[0, 1] > 0.95


def test_too_large_is_refused_before_decoding(saved):
    path = saved(Image.new("L", (101, 100)))
    path.write_bytes(path.read_bytes()[:60])  # the header is whole: were it decoded, it would be called damaged
    with pytest.raises(ValueError, match=r"^101 x 100 pixels; allowed: max_pixels = 10000$"):
        decode(path)


def test_a_bomb_is_refused_by_its_header(tmp_path):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
    )
    with pytest.raises(ValueError, match="max_pixels = 10000"):
        decode(tmp_path / "a.png")


def test_what_cannot_be_read_has_a_reason_in_one_line(tmp_path, saved):
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ValueError, match=r"^no image, or damaged; allowed: PNG, JPEG"):
        decode(tmp_path / "text.png")
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"^no image"):
        decode(tmp_path / "empty.png")
    with pytest.raises(ValueError, match=r"^no such file$"):
        decode(tmp_path / "none.png")
    for name in ("a.png", "a.jpg", "a.gif", "a.tif", "a.webp"):
        path = saved(Image.fromarray(RNG.integers(0, 256, (64, 64, 3), np.uint8)), name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(ValueError, match=r"^(damaged \(|no image)") as caught:
            decode(path)
        assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)


def test_floating_point_and_other_formats_are_refused(saved):
    with pytest.raises(ValueError, match="more than 16 bits per pixel; allowed: 8 or 16"):
        decode(saved(Image.fromarray(GREY.astype(np.float32)), "a.tif"))
    with pytest.raises(ValueError, match=r"^no image"):  # a reader that starts another program
        decode(saved(Image.fromarray(RGB), "a.eps"))
