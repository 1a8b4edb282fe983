"""What PostgreSQL needs for each language: extensions, a text search configuration without accents, partial indexes.

All of it is made by migration, and again by `rebuild_search`: so a language that is added later gets its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.db import connection

EXTENSIONS = ("pg_trgm", "unaccent", "fuzzystrmatch")

# Language code -> PostgreSQL's own configuration. Every other language is searched by whole words and beginnings.
CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
# Where a word's head may stand at the end of another: Tee in Grüntee.
COMPOUNDING = {"da", "de", "et", "fi", "hu", "nb", "nl", "nn", "no", "sv"}


def codes() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def suffix(language: str) -> str:
    """The language in names of the database: "zh-hans" is "zh_hans"."""
    return re.sub(r"\W", "_", language).lower()


def configuration(language: str) -> str:
    """The name of the text search configuration of a language of this shop."""
    return f"search_{suffix(language)}"


def compounds(language: str) -> bool:
    return language.split("-")[0] in COMPOUNDING


def prepare(languages: Iterable[str] | None = None) -> None:
    """Makes what is missing. A repeat changes nothing. Indexes lock their table while they are built, so a large shop
    gives the time of adding a language to a quiet hour."""
    known = existing("SELECT cfgname FROM pg_ts_config WHERE pg_ts_config_is_visible(oid)")
    for language in languages or codes():
        if configuration(language) not in known:
            make_configuration(language, known)
        for statement in index_statements(language):
            run(statement)


def make_configuration(language: str, known: set[str]) -> None:
    """Stop words are taken out first, as they are written, then accents, then endings."""
    base = CONFIGURATIONS.get(language.split("-")[0], "simple")
    base = base if base in known else "simple"
    name = configuration(language)
    run(f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = {base})")
    chain = ["unaccent", "simple" if base == "simple" else f"{base}_stem"]
    stop_words = stop_list(chain[-1])
    if stop_words:
        run(f"DROP TEXT SEARCH DICTIONARY IF EXISTS {name}_stop")
        run(f"CREATE TEXT SEARCH DICTIONARY {name}_stop (TEMPLATE = simple, STOPWORDS = {stop_words}, ACCEPT = false)")
        chain.insert(0, f"{name}_stop")
    run(f"ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR hword, hword_part, word WITH {', '.join(chain)}")


def stop_list(dictionary: str) -> str:
    """The name of the list of stop words that a dictionary was made with, or ""."""
    options = existing("SELECT dictinitoption FROM pg_ts_dict WHERE dictname = %s", [dictionary])
    found = re.search(r"stopwords = '(\w+)'", next(iter(options), None) or "", re.IGNORECASE)
    return found.group(1) if found else ""


def index_statements(language: str) -> list[str]:
    """Small indexes for each language. Products have their own: they are many, and what else there is must not wait
    behind them. `head`: only titles and keywords, so that a common word of texts does not hide what is called so."""
    name, where = suffix(language), f"WHERE language = '{language}'"
    gin, products = "WITH (fastupdate = off)", f"{where} AND kind = 'product'"
    return [
        f"DROP INDEX IF EXISTS search_entry_{name}",  # the first one, for all kinds
        f"CREATE INDEX IF NOT EXISTS search_product_{name} ON search_entry USING gin (vector) {gin} {products}",
        f"CREATE INDEX IF NOT EXISTS search_head_{name} ON search_entry"
        f" USING gin (ts_filter(vector, '{{a,b}}')) {gin} {products}",
        f"CREATE INDEX IF NOT EXISTS search_other_{name} ON search_entry"
        f" USING gin (vector) {gin} {where} AND kind <> 'product'",
        f"DROP INDEX IF EXISTS search_title_{name}",  # the planner read all of it instead of asking the words
        f"CREATE INDEX IF NOT EXISTS search_called_{name} ON search_entry USING hash (folded) {where}",
        f"CREATE INDEX IF NOT EXISTS search_near_{name} ON search_word USING gin (word gin_trgm_ops) {gin} {where}",
        f"CREATE INDEX IF NOT EXISTS search_begin_{name} ON search_word (word text_pattern_ops) {where}",
        f"CREATE INDEX IF NOT EXISTS search_short_{name} ON search_word (length(word)) {where}",
    ]


def missing_indexes() -> list[str]:
    """Languages of the shop that have no configuration or index yet."""
    present = existing("SELECT indexname FROM pg_indexes WHERE tablename IN ('search_entry', 'search_word')")
    return [code for code in codes() if not {f"search_near_{suffix(code)}", f"search_head_{suffix(code)}"} <= present]


def missing_extensions() -> list[str]:
    """Extensions that are neither there nor can be made by the user we connect as."""
    able = existing(
        "SELECT e.name FROM pg_available_extensions e JOIN pg_available_extension_versions v"
        " ON v.name = e.name AND v.version = e.default_version, pg_roles r"
        " WHERE r.rolname = current_user AND (e.installed_version IS NOT NULL OR r.rolsuper"
        " OR (v.trusted AND has_database_privilege(current_database(), 'CREATE')))"
    )
    return [name for name in EXTENSIONS if name not in able]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def existing(query: str, params: list[str] | None = None) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return {row[0] for row in cursor.fetchall()}
