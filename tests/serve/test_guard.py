"""Nobody does what they may not: every route, every role, every kind of token, every Host."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest

from hangtag.errors import FormatError, OptionError, UnknownNameError
from hangtag.requests.serving import SCOPES
from hangtag.serve.checks import POLICIES
from hangtag.serve.keys import Keys
from hangtag.serve.routes import ROUTES

NAMED = [f"{one.method} {one.path}" for one in ROUTES]


def asked(http: httpx.Client, route, **said) -> httpx.Response:
    """Ask for a route with names that are nowhere, so that nothing is changed by it."""
    path = re.sub(r"\{number\}", "999", re.sub(r"\{name(:path)?\}", "nowhere", route.path))
    return http.request(route.method, path, **said)


@pytest.fixture(scope="session")  # as the server: a worker may come back to this module
def keys(own_server) -> dict[str, str]:
    """A key for each scope, one that is revoked, and one that has expired."""
    kept = Keys(own_server.place)
    made = {scope: kept.add(f"for {scope}", (scope,)) for scope in SCOPES}
    made["revoked"] = kept.add("revoked", SCOPES)
    kept.revoke("revoked")
    made["expired"] = kept.add("expired", SCOPES, days=1)
    text = kept.path.read_text()
    ends = re.findall(r'"expires": "(\d{4})', text)
    kept.path.write_text(text.replace(f'"expires": "{ends[0]}', '"expires": "2020'))
    time.sleep(1.2)  # the server looks at the file again within a second
    return made


@pytest.mark.parametrize("route", ROUTES, ids=NAMED)
def test_every_route_has_a_policy(route):
    assert route.scope in POLICIES
    assert route.scope != "open" or route.path in ("/health", "/ready", "/signin", "/static/{name}")
    assert not route.writes or route.scope in ("decide", "admin")
    if route.method not in ("GET", "HEAD") and route.tags not in ("", "tag", "search", "inference"):
        assert route.writes, "what changes something is noted and done once"


def test_what_is_served_is_the_table_and_nothing_else(model):
    from hangtag.requests import ServeRequest
    from hangtag.serve.app import application
    from hangtag.serve.door import Door
    from hangtag.serve.keeper import Gatekeeper

    door = Door(model, ServeRequest())
    app = application(door, Gatekeeper(Keys(model), "token", "owner", 1), frozenset())
    served = {(method, route.path) for route in app.routes for method in route.methods}
    assert served == {(one.method, one.path) for one in ROUTES}
    door.end()


@pytest.mark.parametrize("token", ["absent", "forged", "revoked", "expired"])
def test_without_a_token_that_holds_nothing_is_answered(own_server, keys, token):
    said = {} if token == "absent" else {"authorization": f"Bearer {keys.get(token, 'x' * 43)}"}
    with httpx.Client(base_url=own_server.address, headers=said, verify=False) as http:
        for route in ROUTES:
            status = asked(http, route).status_code
            if route.scope == "open" and token == "absent":
                assert status != 403, route
            else:
                assert status == 401, route


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_what_its_scope_is_for_and_nothing_else(own_server, keys, scope):
    with own_server.http(keys[scope]) as http:
        for route in ROUTES:
            answer = asked(http, route)
            if route.scope in ("open", scope) or scope == "admin":
                assert answer.status_code not in (401, 403) or route.path == "/signin", route
            else:
                assert answer.status_code == 403, route
                assert not route.tags or "scope" in answer.json()["hint"]


def test_a_key_is_revoked_while_the_server_runs(own_server):
    kept = Keys(own_server.place)
    token = kept.add("leaving", ("read",))
    with own_server.http(token) as http:
        time.sleep(1.2)
        assert http.get("/v1/models").status_code == 200
        kept.revoke("leaving")
        until = time.monotonic() + 5
        while http.get("/v1/models").status_code == 200:
            assert time.monotonic() < until, "still open after 5 seconds"
            time.sleep(0.1)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", ""])
def test_another_host_than_ours_is_refused(served, host):
    with served.http(host=host) as http:
        assert http.get("/v1/models").status_code in (400, 421)


def test_a_page_elsewhere_cannot_change_anything(served):
    with httpx.Client(base_url=served.address) as browser:
        assert browser.get(f"/?token={served.token}").status_code == 303
        assert browser.cookies
        body = {"decisions": [{"item": "nowhere", "verdict": "accepted"}]}
        ours = {"origin": served.address}
        assert browser.post("/v1/decisions", json=body, headers=ours).status_code == 422
        for origin in ("http://evil.example", "null", f"{served.address}.evil.example"):
            answer = browser.post("/v1/decisions", json=body, headers={"origin": origin})
            assert answer.status_code == 403
        assert browser.post("/v1/decisions", json=body).status_code == 403
        answer = browser.get("/v1/models", headers={"origin": "http://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


def test_the_link_signs_a_browser_in_and_out_and_leaves_no_token(served):
    with httpx.Client(base_url=served.address) as browser:
        assert browser.get("/").status_code == 401
        assert "Open the link" in browser.get("/").text
        answer = browser.get(f"/?token={served.token}&a=b")
        assert answer.headers["location"] == "/?a=b"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert browser.get("/").status_code == 200
        stale = dict(browser.cookies)
        answer = browser.post("/signout", headers={"origin": served.address})
        assert answer.status_code == 303
        assert httpx.get(f"{served.address}/", cookies=stale).status_code == 401
        wrong = browser.post("/signin", content="token=wrong", headers={"origin": served.address})
        assert wrong.status_code == 401
        away = browser.get(f"//evil.example/?token={served.token}")
        assert not away.headers.get("location", "/").startswith("//")


def test_every_answer_forbids_scripts_from_elsewhere_and_frames(served, http):
    for path in ("/", "/v1/models", "/nothing", "/static/style.css"):
        headers = http.get(path).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_another_address_needs_keys(hangtag_command, tagged_shop):
    answer = hangtag_command("serve", tagged_shop, "--host", "0.0.0.0", "--port", 0)
    assert answer.code == 2
    assert "hint: hangtag keys add" in answer.err


def test_a_port_that_is_taken_is_said(hangtag_command, tagged_shop, served):
    port = served.address.rpartition(":")[2]
    answer = hangtag_command("serve", tagged_shop, "--port", port)
    assert (answer.code, "--port" in answer.err) == (1, True)


def test_keys_are_made_listed_and_revoked(hangtag_command, tmp_path):
    shop = tmp_path / "shop.db"
    token = hangtag_command("keys", "add", shop, "till", "--scope", "tag", "--days", 3).out.strip()
    kept = Path(f"{shop}.door") / "keys.json"
    assert token not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert Keys(shop).find(token).scopes == ("tag",)
    (one,) = hangtag_command("keys", "list", shop, "--json").json["keys"]
    assert (one["name"], one["scopes"]) == ("till", ["tag"])
    assert hangtag_command("keys", "revoke", shop, "till").code == 0
    assert hangtag_command("keys", "revoke", shop, "till").code == 2
    assert Keys(shop).find(token) is None


def test_keys_of_a_run_are_found_by_its_name_and_through_links(model, tmp_path, monkeypatch):
    monkeypatch.setenv("HANGTAG_RUNS", str(model.parent))
    link = tmp_path / "link"
    link.symlink_to(model, target_is_directory=True)
    assert Keys(Path(model.name)).path == Keys(link).path == Keys(model).path
    assert Keys(Path("latest")).path == Keys(model).path


def test_a_damaged_file_of_keys_lets_nobody_in_and_says_so(tmp_path):
    kept = Keys(tmp_path / "shop.db")
    token = kept.add("one", ("read",))
    with pytest.raises(OptionError, match="already"):
        kept.add("one", ("read",))
    with pytest.raises(UnknownNameError, match="no key 'two'"):
        kept.revoke("two")
    kept.path.write_text("[{")
    with pytest.raises(FormatError, match="damaged"):
        kept.all()
    assert Keys(tmp_path / "shop.db").find(token) is None
