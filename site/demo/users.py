"""The people of the demo, one per role. Only ever created in a demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, User

PASSWORD = "leaf-and-kiln"


@dataclass(frozen=True)
class DemoUser:
    role: str
    username: str
    first_name: str
    last_name: str
    groups: tuple[str, ...] = ()
    is_superuser: bool = False
    password: str = PASSWORD


DEMO_USERS = [
    DemoUser("administrator", "admin", "Ada", "Lindqvist", is_superuser=True),
    DemoUser("editor: writes and submits", "editor", "Elif", "Aydın", ("Editors",)),
    DemoUser("moderator: reviews and publishes", "moderator", "Mona", "Petersen", ("Moderators",)),
    DemoUser("translator: German texts", "translator", "Tarek", "Mansour", ("Translators", "Translators: German")),
    DemoUser("shop manager: orders and stock", "manager", "Max", "Brandt", ("Shop managers",)),
]


def create_users() -> list[User]:
    """Creates who is missing; leaves everybody else, and changed passwords, alone."""
    users = []
    for demo in DEMO_USERS:
        user, created = User.objects.get_or_create(
            username=demo.username,
            defaults={
                "first_name": demo.first_name,
                "last_name": demo.last_name,
                "email": f"{demo.username}@example.com",
                "is_staff": demo.is_superuser,
                "is_superuser": demo.is_superuser,
            },
        )
        if created:
            user.set_password(demo.password)
            user.save()
            user.groups.set(Group.objects.filter(name__in=demo.groups))
        users.append(user)
    return users
