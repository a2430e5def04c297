"""Volumes, snapshots and images."""

from .base import EC2, yes


def storage(estate, account, region, client):
    public = []
    for number in range(6):
        # The first is shared in every possible way.
        encrypted = estate.by_default or (estate.often(0.5) and number > 0)
        volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=encrypted)["VolumeId"]
        account.say(region, volume, ebs_volume_encrypted=yes(encrypted))
        snapshot = client.create_snapshot(VolumeId=volume)["SnapshotId"]
        shared = not encrypted and (estate.often(0.5) or number == 0)
        if shared:
            client.modify_snapshot_attribute(
                SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
            )
            public.append((snapshot, volume))
        # If all sharing is blocked, nobody can restore it, whatever its permissions are.
        account.say(region, snapshot, ebs_snapshot_public="skip" if shared and estate.snapshots_blocked else yes(not shared))
        estate.resources += 2
    # moto returns every snapshot, regardless of who may restore it.
    items = "".join(
        f"<item><snapshotId>{snapshot}</snapshotId><volumeId>{volume}</volumeId><status>completed</status><ownerId>{account.id}</ownerId><volumeSize>1</volumeSize><encrypted>false</encrypted></item>"
        for snapshot, volume in public
    )
    estate.answer(
        "ec2:DescribeSnapshots", account.id, region,
        f'<DescribeSnapshotsResponse xmlns="{EC2}"><snapshotSet>{items}</snapshotSet></DescribeSnapshotsResponse>',
        **{"RestorableBy.1": "all"},
    )
    for number in range(3):
        image = client.register_image(Name=f"estate-{region}-{number}", RootDeviceName="/dev/sda1")["ImageId"]
        shared = estate.often(0.5)
        if shared:
            client.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
        account.say(region, image, ec2_ami_public=yes(not shared))
        estate.resources += 1
    estate.image = image


def launched_volumes(estate, account, region, client):
    """How a launch can specify its volumes, and whether they are encrypted if the region does not encrypt by default."""
    snapshots = {}
    for wanted in (True, False):
        # The region encrypts volumes that specify nothing.
        encrypted = wanted or estate.by_default
        volume = client.create_volume(AvailabilityZone=f"{region}a", Size=1, Encrypted=encrypted)["VolumeId"]
        snapshots[wanted] = client.create_snapshot(VolumeId=volume)["SnapshotId"]
        account.say(region, volume, ebs_volume_encrypted=yes(encrypted))
        account.say(region, snapshots[wanted], ebs_snapshot_public="pass")
        estate.resources += 2

    def ebs(device="/dev/xvda", **options):
        return {"DeviceName": device, "Ebs": options}

    sealed, plain, foreign = snapshots[True], snapshots[False], "snap-0123456789abcdef0"
    return [
        ([], True),
        ([ebs(Encrypted=True, VolumeSize=8)], True),
        ([ebs(Encrypted=False, VolumeSize=8)], False),
        ([ebs(VolumeSize=8)], False),
        ([ebs(Encrypted=True), ebs("/dev/xvdb", VolumeSize=8)], False),
        ([{"DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0"}], True),
        # A volume is encrypted if its snapshot is.
        ([ebs(SnapshotId=sealed)], True),
        ([ebs(SnapshotId=plain)], False),
        ([ebs(SnapshotId=plain, Encrypted=True)], True),
        # Nothing is known about another account's snapshot.
        ([ebs(SnapshotId=foreign)], False),
        ([ebs(SnapshotId=foreign, Encrypted=True)], True),
    ]
