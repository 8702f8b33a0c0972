"""Refresh tokens that rotate, and an answer with the next one that never arrives: Okta's leeway, and the end without one."""

import pytest

import okta_login
from test_login_browser import browser


@pytest.fixture
def signed_in(new_org, tmp_path):
    """An org whose app has this leeway, and a program whose person has signed in; the answer to its first refresh is cut off on
    its way."""

    def start(leeway):
        def apps(callback):
            native, *others = okta_login.clients(callback)
            return [{**native, "leeway": leeway}, *others]

        org, program = new_org("okta-sim", "--fault", "/oauth2/v1/token#2=cut", apps=apps)
        keywords = browser(org, tmp_path)
        assert program.read(**keywords) == org.user_ids()
        program.saw()
        org.expire()
        state, text = program.fail(**keywords | {"InitiateOAuth": "REFRESH"})
        assert state == "08001" and "/oauth2/v1/token" in text, text
        assert org.grants() == {"authorization_code": 1, "refresh_token": 1}
        return org, program, keywords

    return start


def test_within_the_leeway_the_next_connection_uses_the_old_token_once_more(signed_in):
    org, program, keywords = signed_in(30)
    keywords["InitiateOAuth"] = "REFRESH"
    assert program.read(**keywords) == org.user_ids()
    counts = org.tokens()
    assert (counts["refreshUses"], counts["refreshUsesInLeeway"], counts["reuses"]) == (2, 1, 0)
    # From now on the new one is kept: it is no second use of the old one.
    org.expire()
    assert program.read(**keywords) == org.user_ids()
    counts = org.tokens()
    assert (counts["refreshUses"], counts["refreshUsesInLeeway"], counts["reuses"]) == (3, 1, 0)
    assert len(program.pages()) == len(program.saw())


def test_without_leeway_it_is_told_in_oktas_words_and_the_browser_opens_where_it_may(signed_in):
    org, program, keywords = signed_in(0)
    seen = len(program.pages())
    state, text = program.fail(**keywords | {"InitiateOAuth": "REFRESH"})
    assert state == "28000", text
    assert "The refresh token is invalid or expired." in text and "okta-odbc login" in text, text
    assert (org.tokens()["reuses"], org.tokens()["familiesLive"]) == (1, 0)
    assert len(program.pages()) == seen
    # The dead token is not sent again.
    refused = org.tokens()["refused"]
    assert program.read(**keywords) == org.user_ids()
    assert org.tokens()["refused"] == refused
    assert org.grants()["authorization_code"] == 2 and org.tokens()["familiesLive"] == 1
    program.saw(more_than=seen)
