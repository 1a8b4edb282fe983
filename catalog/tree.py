"""The category tree in one query: names and addresses in every language, ancestors and descendants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override

from catalog.models import Category, CategoryTranslation


@dataclass
class Node:
    """One live category. `texts`: language code -> (name, slug). `above`: the live category that it is in; `parent`:
    the same, where that is shown in the language of the tree."""

    pk: int
    parent_pk: int | None
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    above: Node | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def language(self, code: str | None = None) -> str:
        """The language its text is really in, when asked for one: itself, else the default, else any."""
        for candidate in (code or get_language() or "", settings.LANGUAGE_CODE, *self.texts):
            if candidate in self.texts:
                return candidate
        return settings.LANGUAGE_CODE

    @property
    def name(self) -> str:
        return self.texts[self.language()][0]

    @property
    def lang(self) -> str:
        return self.language()

    @property
    def ancestors(self) -> list[Node]:
        """From the root down to the parent."""
        return [*self.parent.ancestors, self.parent] if self.parent else []

    @property
    def descendants(self) -> Iterator[Node]:
        """Itself and everything below."""
        yield self
        for child in self.children:
            yield from child.descendants

    def is_shown(self, code: str) -> bool:
        return "category" not in settings.HIDE_UNTRANSLATED or code in self.texts

    def path(self, code: str | None = None) -> str:
        """From the first of the categories above it that are shown in this language without a gap."""
        code = code or get_language() or settings.LANGUAGE_CODE
        line = [self]
        while (above := line[0].above) and above.is_shown(code):
            line.insert(0, above)
        return "/".join(node.texts[node.language(code)][1] for node in line)

    def url(self, code: str | None = None) -> str:
        with override(code or get_language()):
            return reverse("catalog:category", args=[self.path(code)])


@dataclass
class Tree:
    roots: list[Node]
    nodes: dict[int, Node]

    def find(self, path: str) -> Node | None:
        """The category under a path of slugs in the active language."""
        return next((node for node in self.nodes.values() if node.path() == path), None)

    def earlier(self, path: str) -> Node | None:
        """Where the category of the last slug is now: it or one above it was renamed or moved. Slugs are unique."""
        slug = path.rsplit("/", 1)[-1]
        here = (node for node in self.nodes.values() if node.texts[node.language()][1] == slug)
        return next(here, None) or self.nodes.get(CategoryTranslation.earlier_owner(slug) or 0)


def load_tree() -> Tree:
    """All live categories. A category below one that is not live hangs where its live ancestors end; so does one
    below a category that is hidden in this language (`HIDE_UNTRANSLATED`)."""
    rows = (
        CategoryTranslation.objects.filter(master__live=True)
        .order_by("master__position", "master_id")
        .values_list("master_id", "master__parent_id", "language_code", "name", "slug")
    )
    nodes: dict[int, Node] = {}
    for pk, parent_pk, code, name, slug in rows:
        nodes.setdefault(pk, Node(pk, parent_pk)).texts[code] = (name, slug)
    for node in nodes.values():
        node.above = nodes.get(node.parent_pk or 0)
    for node in nodes.values():
        if _cycles(node):
            node.above = None
    code = get_language() or settings.LANGUAGE_CODE
    nodes = {pk: node for pk, node in nodes.items() if node.is_shown(code)}
    for node in nodes.values():
        if node.above is not None and node.above.pk in nodes:
            node.parent = node.above
            node.parent.children.append(node)
    return Tree(roots=[node for node in nodes.values() if node.parent is None], nodes=nodes)


def tree_of(request: HttpRequest) -> Tree:
    """The tree, loaded once per request: the page and its header both ask."""
    held = vars(request)
    if "category_tree" not in held:
        held["category_tree"] = load_tree()
    return held["category_tree"]


def _cycles(node: Node) -> bool:
    seen, current = set(), node.above
    while current is not None and current.pk not in seen:
        if current is node:
            return True
        seen.add(current.pk)
        current = current.above
    return False


def indented_names(without: int | None = None) -> list[tuple[int, str]]:
    """(id, name indented by depth) of all categories, drafts included, in tree order, for a select.

    `without`: a category that is left out with everything below it.
    """
    children: dict[int | None, list[Category]] = {}
    rows = Category.objects.prefetch_related("translations").order_by("position", "pk")
    for category in rows:
        children.setdefault(category.parent_id, []).append(category)
    below: list[tuple[int, str]] = []
    todo = [(category, 0) for category in reversed(children.get(None, []))]
    while todo:
        category, depth = todo.pop()
        if category.pk == without:
            continue
        below.append((category.pk, "\u2003" * depth + str(category)))
        todo += [(child, depth + 1) for child in reversed(children.get(category.pk, []))]
    return below
