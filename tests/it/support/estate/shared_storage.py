"""Old volumes, snapshots and images, and shared ones; and what is true of all of them."""

from datetime import datetime, timedelta, timezone

from moto.ec2.models import ec2_backends

from .base import ACCOUNTS, ORGANIZATION, STRANGER, TRUSTED, all_true, yes

TRUST = {*ACCOUNTS, TRUSTED}
OTHER_ORGANIZATION = "o-z9y8x7w6v5"


def days_ago(days):
    return datetime.now(timezone.utc) - timedelta(days=days)


def shared_storage(estate, account, region, client):
    backend = ec2_backends[account.id][region]
    # Age of a volume in days, and the age and the state of its snapshot.
    ages = [
        (0, None, None), (3, None, None), (30, None, None), (30, 2, "completed"), (30, 20, "completed"), (30, 1, "pending"), (400, 399, "error"),
    ]
    for age, snapshot, state in ages:
        volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=True)["VolumeId"]
        backend.volumes[volume].create_time = days_ago(age)
        account.say(region, volume, ebs_volume_encrypted="pass")
        estate.resources += 1
        if state:
            made = client.create_snapshot(VolumeId=volume)["SnapshotId"]
            backend.snapshots[made].start_time, backend.snapshots[made].status = days_ago(snapshot), state
            account.say(region, made, ebs_snapshot_public="pass")
            estate.resources += 1
    volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=True)["VolumeId"]
    account.say(region, volume, ebs_volume_encrypted="pass")
    for users in ([ACCOUNTS[0]], [TRUSTED], [STRANGER], [TRUSTED, STRANGER]):
        made = client.create_snapshot(VolumeId=volume)["SnapshotId"]
        client.modify_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission", OperationType="add", UserIds=users)
        account.say(region, made, ebs_snapshot_public="pass")
        estate.resources += 1
    # moto does not store whether a volume is deleted with its instance.
    for number, volume in enumerate(list(backend.volumes.values())):
        if volume.attachment:
            volume.attachment.delete_on_termination = [True, False, True, None][number % 4]
    # Launch permissions of an image, its age in days, its IMDS support, and whether its volumes are encrypted.
    organization = f"arn:aws:organizations::{TRUSTED}:organization"
    images = [
        ([], 100, "v2.0", True),
        ([], 100, None, False),
        ([{"UserId": TRUSTED}], 0, "v2.0", True),
        ([{"UserId": STRANGER}], 0, None, True),
        ([{"OrganizationArn": f"{organization}/{ORGANIZATION}"}], 30, "v2.0", False),
        ([{"OrganizationArn": f"{organization}/{OTHER_ORGANIZATION}"}], 30, "v2.0", None),
        ([{"OrganizationalUnitArn": f"arn:aws:organizations::{TRUSTED}:ou/{ORGANIZATION}/ou-ab12-11111111"}], 91, None, None),
    ]
    for number, (permissions, age, imds, encrypted) in enumerate(images):
        mappings = [] if encrypted is None else [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": encrypted}}]
        image = client.register_image(Name=f"shared-{region}-{number}", RootDeviceName="/dev/sda1")["ImageId"]
        if permissions:
            client.modify_image_attribute(ImageId=image, LaunchPermission={"Add": permissions})
        inside = backend.amis[image]
        inside.creation_date, inside.imds_support = days_ago(age), imds
        # moto has one unencrypted volume in each image.
        inside.__class__ = type("Image", (type(inside),), {"block_device_mappings": mappings})
        account.say(region, image, ec2_ami_public="pass")
        estate.resources += 1


def true_of_storage(account, region, client):
    now = datetime.now(timezone.utc)
    snapshots = client.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    for snapshot in snapshots:
        name = snapshot["SnapshotId"]
        permissions = client.describe_snapshot_attribute(SnapshotId=name, Attribute="createVolumePermission")["CreateVolumePermissions"]
        users = {one["UserId"] for one in permissions if "UserId" in one}
        shared = "skip" if any(one.get("Group") == "all" for one in permissions) and users <= TRUST else yes(users <= TRUST)
        account.say(
            region,
            name,
            ebs_snapshot_encrypted="skip" if snapshot["State"] == "error" else yes(snapshot["Encrypted"]),
            ebs_snapshot_shared_untrusted=shared,
        )
    for page in client.get_paginator("describe_volumes").paginate():
        for volume in page["Volumes"]:
            complete = [one for one in snapshots if one["VolumeId"] == volume["VolumeId"] and one["State"] == "completed"]
            age = now - volume["CreateTime"]
            recent = any(now - one["StartTime"] <= timedelta(days=7) for one in complete)
            attachments = volume["Attachments"]
            account.say(
                region,
                volume["VolumeId"],
                ebs_volume_has_snapshot=yes(complete or age <= timedelta(days=1)),
                ebs_volume_recent_snapshot=yes(recent or age <= timedelta(days=7)),
                ebs_volume_unattached=yes(attachments or age <= timedelta(days=7)),
                ebs_volume_delete_on_termination=all_true(one.get("DeleteOnTermination") for one in attachments) if attachments else "skip",
            )
    for image in client.describe_images(Owners=["self"])["Images"]:
        name = image["ImageId"]
        permissions = client.describe_image_attribute(ImageId=name, Attribute="launchPermission")["LaunchPermissions"]
        named = [one for one in permissions if one.get("Group") != "all"]
        trusted = all(
            one["UserId"] in TRUST if "UserId" in one
            else ORGANIZATION in (one.get("OrganizationArn") or one.get("OrganizationalUnitArn")).split("/")
            for one in named
        )
        disks = [one["Ebs"] for one in image["BlockDeviceMappings"] if "Ebs" in one]
        account.say(
            region,
            name,
            ec2_ami_shared_untrusted="skip" if len(named) < len(permissions) and trusted else yes(trusted),
            ec2_ami_encrypted=all_true(disk.get("Encrypted") for disk in disks) if disks else "skip",
            ec2_ami_imds_v2=yes(image.get("ImdsSupport") == "v2.0"),
            ec2_ami_max_age=yes(now - datetime.fromisoformat(image["CreationDate"].replace("Z", "+00:00")) <= timedelta(days=90)),
        )
