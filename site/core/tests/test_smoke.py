import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_it_works(client):
    assert client.get("/healthz").status_code == 200
    state = client.get("/readyz").json()
    assert (state["database"], state["redis"]) == ("ok", "ok")


@pytest.mark.django_db
def test_root_sends_to_the_best_language(client):
    response = client.get("/", headers={"accept-language": "de-AT,de;q=0.9"})

    assert response.status_code == 302
    assert response["Location"] == "/de/"


@pytest.mark.django_db
def test_deep_links_are_never_redirected_to_a_language(client):
    assert client.get(reverse("catalog:shop").removeprefix("/en")).status_code == 404
