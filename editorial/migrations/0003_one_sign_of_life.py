"""The scheduler's runs are noted in core now. The table stays for a release: code that still runs asks it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("editorial", "0002_moderators_set_the_rules")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("SchedulerTick")]),
    ]
