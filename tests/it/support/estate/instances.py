"""Instances in all states."""

from datetime import datetime, timezone

from moto.ec2.models import ec2_backends

from .base import yes


def instances(estate, account, region, client, vpc):
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    for number in range(6):
        tokens, endpoint = estate.some([("required", "enabled"), ("optional", "enabled"), ("optional", "disabled")])
        public, profile = estate.often(0.5), estate.often(0.5)
        terminated = estate.often(0.2)
        options = {"IamInstanceProfile": {"Arn": f"arn:aws:iam::{account.id}:instance-profile/app"}} if profile else {}
        instance = client.run_instances(
            ImageId=estate.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": endpoint},
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": public}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": True, "DeleteOnTermination": True}}],
            **options,
        )["Instances"][0]["InstanceId"]
        estate.resources += 1
        if terminated:
            client.terminate_instances(InstanceIds=[instance])
        else:
            volumes = client.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
            assert len(volumes) == 1, volumes
            account.say(region, volumes[0]["VolumeId"], ebs_volume_encrypted="pass")
            estate.resources += 1
        account.say(
            region,
            instance,
            ec2_instance_imdsv2="skip" if terminated else yes(tokens == "required" or endpoint == "disabled"),
            ec2_instance_public_ip="skip" if terminated else yes(not public),
            ec2_instance_profile_attached="skip" if terminated else yes(profile),
            ec2_instance_stopped_too_long="skip" if terminated else "pass",
            ec2_instance_single_eni="skip" if terminated else "pass",
            ec2_instance_no_paravirtual="skip" if terminated else "pass",
        )

LONG_AGO = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
LONG_AGO_STOPPED = "User initiated (2024-05-06 07:08:09 GMT)"
# moto treats an instance of an unknown image as paravirtual.
PARAVIRTUAL = "ami-0badbadbadbadbad0"
# State, the reason of its last change if not moto's, when it was launched if not now, subnets of further interfaces (by index), whether it
# is paravirtual, and whether it has been stopped for more than 30 days (None: AWS does not say).
OTHER_INSTANCES = [
    ("running", None, None, [0], False, False),
    ("running", None, None, [1], False, False),
    ("running", None, None, [0, 1], False, False),
    ("running", None, LONG_AGO, [], False, False),
    ("running", None, None, [], True, False),
    ("stopped", None, None, [], False, False),
    ("stopped", None, LONG_AGO, [], False, False),
    ("stopped", LONG_AGO_STOPPED, LONG_AGO, [], False, True),
    ("stopped", LONG_AGO_STOPPED, LONG_AGO, [1], True, True),
    # AWS stopped it itself: the launch time is only a lower bound.
    ("stopped", "Server.InternalError", LONG_AGO, [], False, None),
    ("stopped", "Server.InternalError", None, [], False, False),
    ("stopped", "", LONG_AGO, [], True, None),
    ("terminated", LONG_AGO_STOPPED, LONG_AGO, [], True, False),
]


def other_instances(estate, account, region, client, vpc):
    found = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    subnets = [subnet["SubnetId"] for subnet in found]
    for state, reason, launched, interfaces, paravirtual, too_long in OTHER_INSTANCES:
        instance = client.run_instances(
            ImageId=PARAVIRTUAL if paravirtual else estate.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnets[0], "AssociatePublicIpAddress": False}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1, "Encrypted": True, "DeleteOnTermination": True}}],
        )["Instances"][0]["InstanceId"]
        estate.resources += 1
        for place, of_subnet in enumerate(interfaces):
            interface = client.create_network_interface(SubnetId=subnets[of_subnet])["NetworkInterface"]["NetworkInterfaceId"]
            client.attach_network_interface(InstanceId=instance, NetworkInterfaceId=interface, DeviceIndex=place + 1)
        if state == "stopped":
            client.stop_instances(InstanceIds=[instance])
        # moto's clock cannot be set back.
        inside = ec2_backends[account.id][region].get_instance(instance)
        if reason is not None:
            inside._reason = reason
        if launched is not None:
            inside.launch_time = launched
        gone = state == "terminated"
        if gone:
            client.terminate_instances(InstanceIds=[instance])
        else:
            volumes = client.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
            assert len(volumes) == 1, volumes
            account.say(region, volumes[0]["VolumeId"], ebs_volume_encrypted="pass")
            estate.resources += 1
        account.say(
            region,
            instance,
            ec2_instance_imdsv2="skip" if gone else "pass",
            ec2_instance_public_ip="skip" if gone else "pass",
            ec2_instance_profile_attached="skip" if gone else "fail",
            ec2_instance_stopped_too_long="skip" if gone else "unknown" if too_long is None else yes(not too_long),
            ec2_instance_single_eni="skip" if gone else yes(not interfaces),
            ec2_instance_no_paravirtual="skip" if gone else yes(not paravirtual),
        )
