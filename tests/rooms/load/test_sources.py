"""Named sets: where they are looked for, how they are fetched, and what is said when neither works.

Servers, packages and package lists are real ones, made here; no test needs a network.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from hangtag import settings
from hangtag.errors import FormatError, OptionError, SourceError
from hangtag.rooms.load import find, get, known_sets, load
from hangtag.rooms.load.known import FASHION_MNIST

GZ = [f"{name}.gz" for name in FASHION_MNIST.files]


@pytest.fixture(scope="session")
def official(fashion) -> Path:
    """The folder with the real files."""
    data = settings.data_folder()
    assert data is not None
    return data / "fashion-mnist"


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without data, with an empty home and nothing it can run."""
    for name in ("HANGTAG_DATA", "HANGTAG_MIRROR", "KERAS_HOME", "KAGGLEHUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    if Path(FASHION_MNIST.debian[1]).exists():
        pytest.skip(f"{FASHION_MNIST.debian[0]} is installed: remove it to test a bare machine")
    return tmp_path


@pytest.fixture
def serve():
    """Start real HTTP servers on the loopback; give their address."""
    running = []

    def start(handler) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(official, tmp_path) -> Path:
    """A folder to serve, with the official files in it."""
    folder = tmp_path / "mirror" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in GZ:
        (folder / name).symlink_to(official / name)
    return folder


# --- looking ------------------------------------------------------------------------------------


def test_named_sets_have_what_a_list_needs():
    assert [one.name for one in known_sets()] == ["fashion-mnist", "sign-mnist", "digits"]
    for one in known_sets():
        assert one.title
        assert one.about
        assert one.licence
        assert one.class_names


def test_the_checksums_are_those_of_the_four_official_files(official):
    for name, digest in FASHION_MNIST.files.items():
        content = gzip.decompress((official / f"{name}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == digest


def test_fashion_mnist_is_what_its_authors_say(fashion):
    assert fashion.images.shape == (70_000, 28, 28, 1)
    assert dict(fashion.parts) == {"train": range(60_000), "test": range(60_000, 70_000)}
    assert fashion.counts("train").tolist() == [6000] * 10
    assert fashion.counts("test").tolist() == [1000] * 10
    assert fashion.class_names[0] == "T-shirt/top"
    assert fashion.class_names[9] == "Ankle boot"
    assert fashion.labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert fashion.format == "idx"


def test_sign_mnist_keeps_its_codes_and_has_letters(sign):
    assert sign.images.shape == (34_627, 28, 28, 1)
    assert dict(sign.parts) == {"train": range(27_455), "test": range(27_455, 34_627)}
    assert sign.class_codes == (*range(9), *range(10, 25))
    assert "".join(sign.class_names) == "ABCDEFGHIKLMNOPQRSTUVWXY"
    assert sign.labels.max() == 23


def test_digits_are_scaled_to_bytes_and_say_so(digits):
    assert digits.images.shape == (1797, 8, 8, 1)
    assert (digits.images.min(), digits.images.max()) == (0, 255)
    assert dict(digits.parts) == {"all": range(1797)}
    assert "pixel values 0–16 were scaled to 0–255" in digits.notes
    assert digits.name == "digits"


def test_digits_are_those_of_scikit_learn_wherever_it_keeps_them(digits, monkeypatch):
    from sklearn.datasets import load_digits

    theirs = load_digits()
    assert np.array_equal(digits.images[..., 0], np.round(theirs.images * 255 / 16))
    assert np.array_equal(digits.labels, theirs.target)
    monkeypatch.setattr("hangtag.rooms.load.digits.FILE", "elsewhere.csv.gz")
    assert load("digits").fingerprint == digits.fingerprint


def test_a_path_with_the_official_files_gets_the_real_names(official, fashion, tmp_path):
    for name in GZ[:2]:
        (tmp_path / name).symlink_to(official / name)
    images = load(tmp_path)
    assert images.class_names == fashion.class_names
    assert "labels are those of Fashion-MNIST, so its class names are used" in images.notes
    assert np.array_equal(images.images, fashion.images[:60_000])


@pytest.mark.parametrize(
    "place",
    [
        "data/fashion-mnist", "data/fashion_mnist", "data/FashionMNIST", "data",
        "cache/data/fashion-mnist", "home/.keras/datasets/fashion-mnist",
        "work/data/FashionMNIST/raw", "work/FashionMNIST/raw", "home/data/FashionMNIST/raw",
    ],
)  # fmt: skip
def test_it_is_found_where_people_keep_it(nowhere, official, monkeypatch, place):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    assert find("fashion-mnist") is None
    folder = nowhere / place
    folder.mkdir(parents=True)
    for name in GZ:
        (folder / name).symlink_to(official / name)
    assert find("fashion-mnist") == folder
    assert get("fashion-mnist") == folder


def test_the_own_data_folder_comes_before_caches(nowhere, official, monkeypatch):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    for place in ("home/.keras/datasets", "cache/data", "data"):
        shutil.copytree(official, nowhere / place / "fashion-mnist")
        assert find("fashion-mnist") == nowhere / place / "fashion-mnist"


def test_unpacked_files_are_the_same_set(nowhere, official, monkeypatch, fashion):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    folder = nowhere / "data" / "FashionMNIST"
    folder.mkdir(parents=True)
    for name in GZ:
        content = gzip.decompress((official / name).read_bytes())
        (folder / name.removesuffix(".gz")).write_bytes(content)
    assert load("fashion-mnist").fingerprint == fashion.fingerprint


def test_a_place_with_other_files_is_passed_over_and_said(nowhere, official, monkeypatch, fashion):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    damaged = nowhere / "data" / "fashion-mnist"
    shutil.copytree(official, damaged)
    (damaged / GZ[0]).chmod(0o644)
    (damaged / GZ[0]).write_bytes((official / GZ[0]).read_bytes()[:-100])
    shutil.copytree(official, nowhere / "cache" / "data" / "fashion-mnist")
    images = load("fashion-mnist")
    assert images.fingerprint == fashion.fingerprint
    assert f"{damaged} was passed over: {GZ[0]} is cut off" in " ".join(images.notes)


def test_a_set_of_the_same_form_is_not_taken_for_it(nowhere, small, write, monkeypatch):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    write.idx(nowhere / "data" / "fashion-mnist", small)
    monkeypatch.setenv("HANGTAG_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="are not those of Fashion-MNIST"):
        load("fashion-mnist")


def test_sign_mnist_is_checked_too(nowhere, small, write, monkeypatch):
    monkeypatch.setenv("HANGTAG_DATA", str(nowhere / "data"))
    folder = write.csv(nowhere / "data" / "sign-mnist", small)
    for part in ("train", "test"):
        (folder / f"{part}.csv").rename(folder / f"sign_mnist_{part}.csv")
    with pytest.raises(SourceError, match="are not those of Sign-Language-MNIST"):
        load("sign-mnist")


def test_sign_mnist_that_is_nowhere_says_how_to_get_it(nowhere):
    with pytest.raises(SourceError, match="it has no free download") as caught:
        load("sign-mnist")
    assert "kaggle.com" in caught.value.hint
    assert "HANGTAG_DATA" in caught.value.hint


@pytest.mark.parametrize("name", ["fashon-mnist", "mnist"])
def test_a_name_that_is_none_names_the_ones_there_are(nowhere, name):
    with pytest.raises(SourceError, match="is neither a named set nor a file") as caught:
        load(name)
    assert "known: digits, fashion-mnist, sign-mnist" in caught.value.hint
    with pytest.raises(SourceError, match="there is no named set"):
        find(name)
    with pytest.raises(SourceError, match="there is no named set"):
        get(name)


def test_digits_have_no_files_to_get():
    with pytest.raises(SourceError, match="digits has no files to get"):
        get("digits")
    assert (find("digits") / "digits.csv.gz").is_file()


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"size": (5, 10**6)}, {"limit": 0}, {"limit": -1}]
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(OptionError) as caught:
        load("digits", **options)
    assert caught.value.hint


# --- fetching -----------------------------------------------------------------------------------


def test_it_is_downloaded_checked_and_kept(nowhere, mirror, serve, monkeypatch, fashion):
    monkeypatch.setenv("HANGTAG_MIRROR", serve(partial(Quiet, directory=str(mirror.parent))))
    seen = []
    images = load("fashion-mnist", progress=lambda *what: seen.append(what))
    assert images.fingerprint == fashion.fingerprint
    assert {what[0] for what in seen} == {"download", "load"}
    assert all(done <= total for _, done, total, *_ in seen)
    folder = nowhere / "cache" / "data" / "fashion-mnist"
    assert sorted(one.name for one in folder.iterdir()) == sorted(GZ)
    monkeypatch.delenv("HANGTAG_MIRROR")
    assert get("fashion-mnist") == folder


def test_a_download_goes_on_where_it_broke_off(nowhere, mirror, serve, monkeypatch):
    address = serve(partial(Quiet, directory=str(mirror.parent)))
    monkeypatch.setenv("HANGTAG_MIRROR", address)
    last = mirror / GZ[3]
    target = last.readlink()
    last.unlink()
    with pytest.raises(SourceError, match=f"{GZ[3]} answered 404"):
        get("fashion-mnist")
    folder = nowhere / "cache" / "data" / "fashion-mnist"
    assert sorted(one.name for one in folder.iterdir()) == sorted(GZ[:3])
    for name in GZ[:3]:
        (mirror / name).unlink()
    last.symlink_to(target)
    assert get("fashion-mnist") == folder


def test_a_file_that_is_not_the_official_one_is_thrown_away(nowhere, mirror, serve, monkeypatch):
    wrong = mirror / GZ[1]
    content = bytearray(gzip.decompress(wrong.read_bytes()))
    content[100] ^= 1
    wrong.unlink()
    wrong.write_bytes(gzip.compress(bytes(content)))
    monkeypatch.setenv("HANGTAG_MIRROR", serve(partial(Quiet, directory=str(mirror.parent))))
    with pytest.raises(SourceError, match=rf"{GZ[1]} is not the official file \(its SHA-256"):
        get("fashion-mnist")
    folder = nowhere / "cache" / "data" / "fashion-mnist"
    assert [one.name for one in folder.iterdir()] == [GZ[0]]


class Odd(BaseHTTPRequestHandler):
    """Answers with what a test wants to see survived."""

    answer = ""

    def do_GET(self):
        if self.answer == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
        elif self.answer == "page":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>please log in</html>")
        elif self.answer == "nonsense":
            self.wfile.write(b"nonsense\r\n\r\n")
        elif self.answer == "length":
            self.send_response(200)
            self.send_header("Content-Length", "many")
            self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("cut", "broke off after 1000 of 100000 bytes"),
        ("page", "is not the official file"),
        ("nonsense", "cannot be reached"),
        ("length", "cannot be reached"),
        ("nothing", "cannot be reached"),
    ],
)
def test_a_server_that_misbehaves_leaves_nothing_behind(
    nowhere, serve, monkeypatch, answer, sentence
):
    monkeypatch.setenv("HANGTAG_MIRROR", serve(type("Handler", (Odd,), {"answer": answer})))
    with pytest.raises(SourceError, match=sentence) as caught:
        load("fashion-mnist")
    assert "\n" not in caught.value.message
    folder = nowhere / "cache" / "data" / "fashion-mnist"
    assert list(folder.iterdir()) == []


def test_when_nothing_works_every_way_is_named(nowhere, monkeypatch):
    monkeypatch.setenv("HANGTAG_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(SourceError) as caught:
        load("fashion-mnist")
    message, hint = caught.value.message, caught.value.hint
    assert message.startswith("Fashion-MNIST is not on this machine and could not be fetched: ")
    assert (
        "http://127.0.0.1:9/fashion-mnist/train-images-idx3-ubyte.gz cannot be reached" in message
    )
    assert "needs apt-get and dpkg-deb, which are not here" in message
    assert "github.com/zalandoresearch/fashion-mnist" in hint
    assert "HANGTAG_DATA" in hint
    assert "apt-get install dataset-fashion-mnist" in hint
    assert caught.value.exit_code == 2


def test_only_http_is_asked(nowhere, monkeypatch):
    monkeypatch.setenv("HANGTAG_MIRROR", "file:///etc")
    with pytest.raises(SourceError, match=r"is not an http\(s\) address"):
        get("fashion-mnist")


def test_a_path_or_a_set_that_is_there_never_asks_the_network(official, serve, monkeypatch):
    asked = []

    class Handler(Odd):
        def do_GET(self):
            asked.append(self.path)

    monkeypatch.setenv("HANGTAG_MIRROR", serve(Handler))
    load(official, limit=1)
    load("fashion-mnist", limit=1)
    load("digits", limit=1)
    assert asked == []


# --- the Debian package -------------------------------------------------------------------------

apt = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-deb")),
    reason="needs apt-get and dpkg-deb, that is Debian or Ubuntu",
)
PROGRAMS = (shutil.which("apt-get"), shutil.which("dpkg-deb"))


@pytest.fixture
def repository(nowhere, official, monkeypatch):
    """A package repository of one package on the disk, and an apt that knows no other."""

    def make(files: Path) -> None:
        root = nowhere / "package"
        inside = root / FASHION_MNIST.debian[1].lstrip("/")
        inside.parent.mkdir(parents=True)
        shutil.copytree(files, inside, symlinks=False)
        (root / "DEBIAN").mkdir()
        control = (
            f"Package: {FASHION_MNIST.debian[0]}\nVersion: 1\nArchitecture: all\n"
            "Maintainer: nobody <nobody@example.org>\nDescription: test\n"
        )
        (root / "DEBIAN" / "control").write_text(control)
        place = nowhere / "repository"
        place.mkdir()
        package = place / "package.deb"
        subprocess.run(
            [PROGRAMS[1], "-Znone", "--root-owner-group", "-b", root, package],
            check=True, capture_output=True,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        )  # fmt: skip
        content = package.read_bytes()
        index = (
            f"{control}Filename: ./package.deb\nSize: {len(content)}\n"
            f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
        )
        (place / "Packages").write_text(index)
        (nowhere / "sources.list").write_text(f"deb [trusted=yes] file:{place} ./\n")
        for folder in ("state/lists/partial", "apt-cache/archives/partial"):
            (nowhere / folder).mkdir(parents=True)
        (nowhere / "apt.conf").write_text(
            f'Dir::Etc::SourceList "{nowhere}/sources.list";\nDir::Etc::SourceParts "-";\n'
            f'Dir::State "{nowhere}/state";\nDir::Cache "{nowhere}/apt-cache";\n'
            'APT::Sandbox::User "";\n'
        )
        monkeypatch.setenv("APT_CONFIG", str(nowhere / "apt.conf"))
        monkeypatch.setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        monkeypatch.setenv("HANGTAG_MIRROR", "http://127.0.0.1:9")

    return make


@apt
def test_it_is_taken_out_of_the_debian_package(nowhere, repository, official, fashion):
    """Also with empty package lists, as in a fresh container: they are fetched beside."""
    repository(official)
    assert load("fashion-mnist").fingerprint == fashion.fingerprint
    folder = nowhere / "cache" / "data" / "fashion-mnist"
    assert sorted(one.name for one in folder.iterdir()) == sorted(GZ)
    assert list((nowhere / "state" / "lists" / "partial").iterdir()) == []


@apt
def test_a_package_with_other_files_is_refused(nowhere, repository, small, write):
    repository(write.idx(nowhere / "other", small))
    with pytest.raises(SourceError, match="of the package dataset-fashion-mnist is not the offic"):
        load("fashion-mnist")


@apt
def test_a_package_without_the_files_is_refused(nowhere, repository, tmp_path):
    (tmp_path / "empty").mkdir()
    repository(tmp_path / "empty")
    with pytest.raises(SourceError, match="the package dataset-fashion-mnist does not hold"):
        load("fashion-mnist")


@apt
def test_a_package_that_apt_does_not_know_is_said(nowhere, repository, tmp_path):
    (tmp_path / "empty").mkdir()
    repository(tmp_path / "empty")
    (nowhere / "repository" / "Packages").write_text("")
    with pytest.raises(SourceError, match="apt-get download dataset-fashion-mnist failed"):
        load("fashion-mnist")


def test_a_damaged_file_at_a_path_is_an_error_and_not_a_download(official, tmp_path):
    for name in GZ:
        shutil.copy(official / name, tmp_path)
    (tmp_path / GZ[2]).chmod(0o644)
    (tmp_path / GZ[2]).write_bytes(b"")
    with pytest.raises(FormatError, match=f"{GZ[2]} is not an IDX file: it begins with nothing"):
        load(tmp_path)
