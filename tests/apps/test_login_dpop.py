"""DPoP=auto: the first refusal of a token without a proof switches proofs on, at either server; DPoP=false leaves them off."""

import pytest

from test_login_service import FORMS, service

PROVIDERS = ["okta-sim", "oidc-provider"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_auto_binds_a_service_app_that_wants_it_and_no_other(new_org, tmp_path, provider):
    org, program = new_org(provider)
    file = FORMS["pkcs8"][0](tmp_path)
    assert program.read(**service(file, "0oaBound", DPoP="auto")) == org.user_ids()
    refused = org.front.errors if org.front else list(org.tokens()["refused"])
    assert refused == ["invalid_dpop_proof", "use_dpop_nonce"]
    assert program.read(**service(file, "0oaService", DPoP="auto")) == org.user_ids()
    assert org.grants() == {"client_credentials": 2}
    if org.front:
        assert sorted(org.front.tokens.values()) == ["Bearer", "DPoP"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_off_says_what_the_server_wants(new_org, tmp_path, provider):
    org, program = new_org(provider)
    state, text = program.fail(**service(FORMS["pkcs8"][0](tmp_path), "0oaBound", DPoP="false"))
    assert state == "28000" and "The DPoP proof JWT header is missing." in text and "DPoP=auto" in text, text
    assert org.grants() == {}
