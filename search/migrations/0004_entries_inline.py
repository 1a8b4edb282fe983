from django.db import migrations


class Migration(migrations.Migration):
    """An entry is kept in one piece, not compressed, up to the size of a page: ranking reads the words of a hundred
    entries several times each, and unpacking them took longer than comparing them. Entries written before are kept as
    they are until `rebuild_search`."""

    dependencies = [("search", "0003_search_desk")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE search_entry SET (toast_tuple_target = 8160)",
            "ALTER TABLE search_entry RESET (toast_tuple_target)",
        )
    ]
