from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0010_kick_off_data_and_benefits_owner"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="projectstate",
            index=models.Index(
                fields=["project"],
                include=("is_stale", "worsened", "computed", "declared"),
                name="projectstate_headlines",
            ),
        ),
    ]
