"""What is asked over HTTP is answered as the command line answers, with the same words."""

from __future__ import annotations

import csv
import io
import socket
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from tests.serve.conftest import as_png

import hangtag
from hangtag.errors import UnknownNameError
from hangtag.serve import shapes


def files(pngs):
    return [("picture", (f"{n}.png", one, "image/png")) for n, one in enumerate(pngs)]


def test_tags_are_those_of_the_command_line(http, pngs, model, tmp_path):
    for n, one in enumerate(pngs):
        (tmp_path / f"{n:02}.png").write_bytes(one)
    answer = http.post("/v1/tag", files=files(pngs), params={"threshold": 0.8}).json()
    expected = hangtag.tags(model, tmp_path, threshold=0.8)
    assert [one["label"] for one in answer["tags"]] == [one.label for one in expected]
    found = [one["confidence"] for one in answer["tags"]]
    assert found == pytest.approx([one.confidence for one in expected])


def test_an_image_may_be_the_whole_body_and_what_the_model_saw_is_shown(http, pngs):
    answer = http.post(
        "/v1/tag?seen=true", content=pngs[3], headers={"content-type": "image/png"}
    ).json()
    assert answer["tags"][0]["label"] == "3"
    assert answer["tags"][0]["seen"].startswith("data:image/png;base64,")


def test_one_torn_image_of_many_has_an_error_and_the_others_their_tags(http, pngs):
    torn = [pngs[0], pngs[1][:60], pngs[2]]
    tags = http.post("/v1/tag", files=files(torn), params={"threshold": 0}).json()["tags"]
    assert [bool(one["error"]) for one in tags] == [False, True, False]
    assert (tags[0]["label"], tags[1]["label"], tags[2]["label"]) == ("0", "", "2")


def test_an_image_of_the_shop_finds_its_item_and_a_strange_one_nothing_close(http, pngs):
    found = http.post("/v1/search", files=files(pngs[:1]), params={"k": 3}).json()
    assert found["items"][0]["id"] == "all/00000"
    assert found["items"][0]["cosine"] == pytest.approx(1, abs=1e-3)
    noise = as_png(np.random.default_rng(0).integers(0, 255, (8, 8)).astype(np.uint8))
    nothing = http.post("/v1/search", files=files([noise]), params={"k": 3}).json()
    assert nothing["items"] == []
    assert nothing["held_back"] == 3


def test_a_search_narrows_down_and_groups(http, pngs):
    asked = {"k": 20, "where": "category=3", "everything": True, "group_by": "class"}
    found = http.post("/v1/search", files=files(pngs[3:4]), params=asked).json()
    assert {one["tags"]["category"]["label"] for one in found["items"]} == {"3"}
    assert sum(map(len, found["groups"].values())) == 20
    words = http.post("/v1/search", params={"text": "00011"}).json()
    assert [one["id"] for one in words["items"]] == ["all/00011"]


def test_similar_items_leave_the_item_itself_out(http):
    found = http.get("/v1/items/all/00000/similar", params={"k": 5, "everything": True}).json()
    assert len(found["items"]) == 5
    assert "all/00000" not in {one["id"] for one in found["items"]}


def test_an_item_tells_where_its_tags_come_from(http):
    known = http.get("/v1/items/all/00011").json()
    assert known["said"][0]["in_use"]
    assert known["said"][0]["label"] == known["tags"]["category"]["label"] == "1"
    assert known["history"] == []


def test_errors_have_the_sentence_and_the_hint_of_the_command_line(http, served, hangtag_command):
    answer = http.get("/v1/items/nothing")
    said = hangtag_command("similar", served.place, "nothing", "--json").json
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["detail"], answer.json()["hint"]) == (said["error"], said["hint"])


@pytest.mark.parametrize(
    ("status", "method", "path", "said"),
    [
        (404, "GET", "/v1/nothing", {}),
        (405, "PATCH", "/v1/items", {}),
        (404, "GET", "/v1/taggings/99", {}),
        (404, "DELETE", "/v1/items/nothing", {}),
        (413, "POST", "/v1/attributes", {"content": b" " * 1_100_000}),
        (413, "POST", "/v1/search", {"files": [("picture", ("a.png", b"\x89PNG" * 5_100_000))]}),
        (415, "POST", "/v1/tag", {"json": {}}),
        (415, "POST", "/v1/tag", {"files": [("picture", ("a.png", b"GIF89a" * 9))]}),
        (415, "POST", "/v1/tag", {"files": [("picture", ("a.png", b"PK\3\4" * 9))]}),
        (422, "POST", "/v1/tag", {"files": [("other", b"x")]}),
        (422, "POST", "/v1/search", {}),
        (422, "POST", "/v1/search", {"params": {"text": "a", "where": "colour"}}),
        (422, "GET", "/v1/items?limit=0", {}),
        (422, "POST", "/v1/decisions", {"json": {"decisions": []}}),
        (422, "POST", "/v1/decisions", {"content": b"{"}),
        (
            422, "POST", "/v1/decisions",
            {"json": {"decisions": [{"item": "x", "verdict": "accepted", "more": 1}]}},
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_has_its_status_and_a_sentence(http, status, method, path, said):
    answer = http.request(method, path, **said)
    assert answer.status_code == status
    problem = shapes.Problem.model_validate_json(answer.content)
    assert problem.status == status
    assert problem.detail


def test_a_pixel_bomb_is_refused_by_its_header(http, pngs):
    size = struct.pack(">II", 60_000, 60_000)
    header = b"IHDR" + size + b"\x08\x00\x00\x00\x00"
    said = pngs[0][:12] + header + struct.pack(">I", zlib.crc32(header)) + pngs[0][33:]
    tags = http.post("/v1/tag", files=files([said])).json()["tags"]
    assert "megapixels" in tags[0]["error"]


def _answer(server, length: int) -> bytes:
    """What is answered to a body that is only announced, until the connection ends or is silent."""
    head = f"POST /v1/tag HTTP/1.1\r\nHost: {server.address.partition('//')[2]}\r\n"
    head += f"Authorization: Bearer {server.token}\r\nContent-Length: {length}\r\n\r\n"
    said = b""
    where = server.address.rpartition(":")
    with socket.create_connection(("127.0.0.1", int(where[2])), timeout=3) as line:
        line.sendall(head.encode())
        with suppress(TimeoutError):
            while piece := line.recv(65536):
                said += piece
            return said + b"<end>"
    return said


def test_nobody_waits_for_the_end_of_two_gigabytes(served):
    answer = _answer(served, 2_000_000_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer
    assert answer.endswith(b"<end>")
    # A client with a little too much sends it to its end, and then hears why it was in vain.
    answer = _answer(served, 201_000_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert not answer.endswith(b"<end>")


def test_an_item_is_put_looked_at_and_taken_out(own_server, pngs):
    import base64

    with own_server.http() as http:
        content = base64.b64encode(pngs[0]).decode()
        body = {"title": "A zero", "price": 9.5, "pictures": [{"content": content}]}
        assert http.put("/v1/items/new/one", json=body).status_code == 201
        assert http.put("/v1/items/new/one", json=body).status_code == 200
        assert http.get("/v1/items/new/one").json()["title"] == "A zero"
        image = http.get("/v1/items/new/one/pictures/0", params={"size": 64})
        assert image.headers["content-type"] == "image/jpeg"
        before = http.get("/v1/changes").json()["until"]
        assert http.delete("/v1/items/new/one").status_code == 204
        assert http.get("/v1/items/new/one").status_code == 404
        changes = http.get("/v1/changes", params={"since": before}).json()["changes"]
        assert [(one["item"], one["what"]) for one in changes] == [("new/one", "deleted")]


def test_served_images_carry_no_metadata(own_server, digits):
    import base64

    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    Image.fromarray(digits.images[0, :, :, 0]).save(file, "JPEG", exif=exif, comment=b"secret")
    assert b"taken at home" in file.getvalue()
    with own_server.http() as http:
        content = base64.b64encode(file.getvalue()).decode()
        http.put("/v1/items/photo", json={"pictures": [{"content": content}]}).raise_for_status()
        shown = http.get("/v1/items/photo/pictures/0", params={"size": 2000})
    with Image.open(io.BytesIO(shown.content)) as image:
        assert dict(image.getexif()) == {}
        assert "comment" not in image.info
    assert b"secret" not in shown.content


def test_a_path_out_of_the_shop_is_refused(own_server):
    with own_server.http() as http:
        answer = http.put("/v1/items/x", json={"pictures": [{"path": "../../../etc/passwd"}]})
        assert answer.status_code == 422
        assert "lies outside" in answer.json()["detail"]


def test_a_feed_shows_what_it_would_change_and_comes_out_as_it_came_in(fresh_server, pngs):
    (fresh_server.place.parent / "zero.png").write_bytes(pngs[0])
    feed = b"id;title;image\r\nz1;Zero;zero.png\r\nz2;Nothing;none.png\r\n"
    with fresh_server.http() as http:
        sent = {"feed": ("shop.csv", feed)}
        planned = http.post("/v1/items:import?dry_run=true&keep=true", files=sent).json()
        assert (planned["new"], planned["written"]) == (2, False)
        assert planned["some"]["new"] == ["z1", "z2"]
        assert planned["problems"] == ["z2 none.png is not there"]
        assert http.get("/v1/items/z1").status_code == 404
        assert http.post("/v1/items:import?keep=true", files=sent).json()["new"] == 2
        assert http.post("/v1/items:import?keep=true", files=sent).json()["same"] == 2
        back = http.get("/v1/export", params={"feed": "shop.csv"}).content
        assert back.startswith(b"id;title;image;hangtag_category\r\nz1;")
        lines = http.get("/v1/export?format=jsonl").text.splitlines()
        assert len(lines) >= 302


def test_decisions_are_kept_undone_and_in_the_name_of_who_asked(fresh_server):
    with fresh_server.http() as http:
        first = http.get("/v1/review", params={"limit": 2, "attribute": "category"}).json()
        items = [one["item"] for one in first["doubts"]]
        said = [
            {"item": items[0], "verdict": "accepted"},
            {"item": items[1], "verdict": "corrected", "label": "seven"},
        ]
        assert http.post("/v1/decisions", json={"decisions": said}).json()["new"] == 2
        known = http.get(f"/v1/items/{items[1]}").json()
        assert known["tags"]["category"] == {"label": "seven", "probability": 1.0, "by": "person"}
        assert http.get("/v1/review").json()["decided"] == first["decided"] + 2
        undo = {"decisions": [{"item": items[1], "verdict": "undone"}]}
        assert http.post("/v1/decisions", json=undo).json()["new"] == 1
        history = http.get(f"/v1/items/{items[1]}").json()["history"]
        assert [one["verdict"] for one in history] == ["corrected", "undone"]
        bad = {"decisions": [said[0], {"item": "nobody", "verdict": "accepted"}]}
        assert http.post("/v1/decisions", json=bad).status_code == 422


def test_a_write_that_is_asked_twice_is_done_once(own_server):
    with own_server.http() as http:
        item = http.get("/v1/review", params={"limit": 1}).json()["doubts"][0]["item"]
        for label in ("one", "two"):
            said = {"decisions": [{"item": item, "verdict": "corrected", "label": label}]}
            http.post("/v1/decisions", json=said).raise_for_status()
        undo = {"decisions": [{"item": item, "verdict": "undone"}]}
        headers = {"idempotency-key": "k1"}
        first, again = (http.post("/v1/decisions", json=undo, headers=headers) for _ in range(2))
        assert first.json() == again.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert http.get(f"/v1/items/{item}").json()["tags"]["category"]["label"] == "one"
        other = http.post("/v1/decisions", json=said, headers=headers)
        assert other.status_code == 422
    audit = own_server.place.with_name("shop.db.door") / "audit.jsonl"
    assert audit.read_text().count('"key": "k1"') == 3


def test_a_newer_model_is_looked_at_used_and_left_again(fresh_server, model):
    hangtag.tag_catalog(fresh_server.place, model=model, threshold=0.2)
    with fresh_server.http() as http:
        taggings = http.get("/v1/models").json()["taggings"]
        before = next(one["id"] for one in taggings if one["in_use"])
        newest = taggings[-1]["id"]
        preview = http.get(f"/v1/taggings/{newest}").json()
        moved = sum(one["items"] for one in preview["moved"])
        assert moved > 0
        assert http.post(f"/v1/taggings/{newest}:use").json()["changed"] == moved
        assert http.get("/v1/models").json()["taggings"][-1]["in_use"]
        assert http.post(f"/v1/taggings/{before}:use").json()["changed"] == moved


def test_attributes_have_values_and_synonyms_that_searches_find(own_server):
    with own_server.http() as http:
        body = {"key": "category", "values": {"3": ["three", "drei"]}}
        assert http.post("/v1/attributes", json=body).json()["values"] >= 10
        one, *_ = http.get("/v1/attributes").json()["attributes"]
        three = next(value for value in one["values"] if value["label"] == "3")
        assert three["synonyms"] == ["three", "drei"]
        found = http.post("/v1/search", params={"text": "drei", "k": 500}).json()
        assert len(found["items"]) == three["items"] > 0


def test_a_head_is_learned_from_decisions_and_tags_every_item(fresh_server):
    with fresh_server.http() as http:
        few = http.post("/v1/heads:train", json={"attribute": "parity"})
        assert few.status_code == 422
        assert "hint" in few.json()
        items = http.get("/v1/items", params={"limit": 200}).json()["items"]
        shown = {one["id"]: one["tags"].get("category", {}).get("label", "") for one in items}
        known = {name: int(label) for name, label in shown.items() if label.isdigit()}
        truth = {name: "odd" if digit % 2 else "even" for name, digit in known.items()}
        assert len(truth) > 100
        decided = [
            {"item": name, "attribute": "parity", "verdict": "corrected", "label": said}
            for name, said in truth.items()
        ]
        assert http.post("/v1/decisions", json={"decisions": decided}).status_code == 200
        head = http.post("/v1/heads:train", json={"attribute": "parity"}).json()
        assert head["values"] == ["even", "odd"]
        assert head["examples"] == len(truth)
        assert head["low"] < head["accuracy"] <= head["high"]
        assert http.post("/v1/heads/none:activate").status_code == 404
        begun = http.post(f"/v1/heads/{head['digest']}:activate")
        assert begun.status_code == 202, begun.text
        with http.stream("GET", f"/v1/jobs/{begun.json()['id']}/events") as events:
            said = [line for line in events.iter_lines() if line.startswith("event:")]
        assert said[-1] == "event: done"
        assert {one["key"] for one in http.get("/v1/attributes").json()["attributes"]} >= {"parity"}
        newest = http.get("/v1/models").json()["taggings"][-1]
        assert (newest["attribute"], newest["in_use"]) == ("parity", True)


def test_a_job_tags_the_catalogue_and_tells_how_far_it_is(own_server, model):
    with own_server.http() as http:
        begun = http.post("/v1/jobs", json={"model": str(model), "attribute": "kind"})
        assert begun.status_code == 202
        name = begun.json()["id"]
        with http.stream("GET", f"/v1/jobs/{name}/events") as events:
            said = [line for line in events.iter_lines() if line.startswith("event:")]
        assert said[-1] == "event: done"
        job = http.get(f"/v1/jobs/{name}").json()
        assert job["done"] == job["total"] >= 300
        assert job["result"]["attribute"] == "kind"


def test_clients_of_the_open_inference_protocol_are_understood(http, digits, model):
    pixels = digits.images[:5]
    tensor = {"name": "images", "shape": [5, 8, 8, 1], "datatype": "UINT8"}
    body = {"inputs": [{**tensor, "data": pixels.ravel().tolist()}]}
    answer = http.post("/v2/models/hangtag/infer", json=body).json()
    expected = hangtag.open_bundle(model).probabilities(pixels)
    found = np.reshape(answer["outputs"][0]["data"], answer["outputs"][0]["shape"])
    assert found == pytest.approx(expected, abs=1e-6)
    assert http.get("/v2/models/hangtag").json()["inputs"][0]["shape"] == [-1, 8, 8, 1]
    wrong = {"inputs": [{**tensor, "data": [300] * 320}]}
    assert http.post("/v2/models/hangtag/infer", json=wrong).status_code == 422


def test_figures_are_what_prometheus_reads(http):
    http.get("/v1/models")
    text = http.get("/metrics").text
    assert 'hangtag_requests_total{method="GET",route="/v1/models",status="200"}' in text
    assert 'hangtag_request_seconds_bucket{route="/v1/models",le="+Inf"}' in text
    assert "hangtag_catalog_items 300" in text


def test_a_run_alone_tags_and_says_that_it_has_no_catalogue(model, pngs):
    from tests.serve.conftest import serve

    server = serve(model)
    try:
        with server.http() as http:
            tags = http.post("/v1/tag", files=files(pngs[:1])).json()["tags"]
            assert tags[0]["label"] == "0"
            answer = http.get("/v1/items")
            assert answer.status_code == 409
            assert "catalog create" in answer.json()["hint"]
    finally:
        assert server.stop() == 0


def test_the_client_speaks_in_shapes_and_raises_the_command_lines_errors(served, pngs):
    with hangtag.Client(served.url) as shop:
        assert shop.ready()
        assert [one.label for one in shop.tag(pngs[:3], threshold=0).tags] == ["0", "1", "2"]
        assert shop.search(pngs[0], k=1).items[0].id == "all/00000"
        assert shop.item("all/00011").tags["category"].label == "1"
        assert shop.items(where="category=3").total == len(
            shop.search(text="3", where="category=3", k=500).items
        )
        assert shop.models().models[0].current
        assert next(csv.reader(io.StringIO(shop.export().decode())))[0] == "id"
        with pytest.raises(UnknownNameError, match="no item 'nothing'"):
            shop.item("nothing")
        many = shop.tag(pngs * 6)
        with ThreadPoolExecutor(8) as pool:
            again = list(pool.map(lambda _: shop.tag(pngs * 6), range(8)))
        assert all(one == many for one in again)
