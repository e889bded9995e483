from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def announce_present_times(apps, _editor):
    """Followers know the times that posts have now."""
    posts = apps.get_model("scheduling", "Post").objects.filter(pk=OuterRef("post"))
    items = apps.get_model("calendars", "CalendarItem").objects
    items.update(announced_at=Subquery(posts.values("scheduled_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("calendars", "0011_one_store_of_replies"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecommendedScheduleSlot",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("calendars.trialpost",),
        ),
        migrations.CreateModel(
            name="ScheduleAssignment",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("calendars.calendaritem",),
        ),
        migrations.AddField(
            model_name="calendaritem",
            name="announced_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(announce_present_times, migrations.RunPython.noop),
    ]
