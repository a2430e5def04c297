"""Settings of instances, one kind at a time, and what is true of them; user data of templates."""

import gzip
from base64 import b64encode
from datetime import datetime, timedelta, timezone

from moto.core.types import Base64EncodedString
from moto.ec2.models import ec2_backends

from .answers import response
from .base import yes
from .exposed import public_ipv4

GONE = {"terminated", "shutting-down"}
# User data, and whether it contains a secret.
KEY = "AKIA" + "Z2QW7NHTRBPLX4VD"
USER_DATA = [
    (b"#!/bin/sh\nyum update -y\n", False),
    (b"#!/bin/sh\nexport DB_PASSWORD=$(aws ssm get-parameter --name /db/password --query Parameter.Value)\n", False),
    (f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={KEY}\n".encode(), True),
    (b"-----BEGIN RSA " + b"PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\n", True),
    (gzip.compress(b"mysql://admin:k8Jw2pQz9xRt@db.internal/app\n", mtime=0), True),
    (gzip.compress(b"#cloud-config\npackages: [nginx]\n", mtime=0), False),
]
# Types of instances, and whether they support EBS optimization.
TYPES = [("t3.micro", "default"), ("m1.small", "unsupported"), ("c3.xlarge", "supported"), ("m3.xlarge", "supported")]
# What AWS reports about the image of an instance: state, when it was deprecated in days from now, whether Allowed AMIs allows it; and whether
# instances should still run from it (None: AWS reports too little).
IMAGES = [
    ("available", None, True, True), ("available", 30, False, True), ("available", -1, True, False), ("disabled", None, False, False),
    ("deregistered", None, True, False), (None, None, None, None),
]


def encoded(data):
    return Base64EncodedString(b64encode(data).decode())


def set_instances(estate, account, region, client, vpc):
    """Gives the launched instances settings that moto stores but has no call for, and some that it has."""
    backend = ec2_backends[account.id][region]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = client.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    wizard = client.create_security_group(GroupName="launch-wizard-1", Description="launch-wizard-1 created 2026-01-02", VpcId=vpc)["GroupId"]
    estate.resources += 1
    made = estate.launched[account.id, region]
    for number, instance in enumerate(made):
        inside = backend.get_instance(instance)
        data, secret = USER_DATA[number % len(USER_DATA)]
        if number % 4:
            inside.user_data = encoded(data)
        estate.secrets[instance] = bool(number % 4) and secret
        inside.enclave_options = {"Enabled": number % 3 == 1}
        if number % 5 == 1:
            inside.metadata_options.http_tokens = "optional"
        inside.metadata_options.http_put_response_hop_limit = [1, 1, 2][number % 3]
        inside.disable_api_termination = number % 4 == 0
        if inside.disable_api_termination:
            estate.protected.add(instance)
        inside.monitoring_state = ["disabled", "enabled", "pending"][number % 3]
        inside.key_name = [None, "", "laptop"][number % 3]
        inside._placement.tenancy = ["default", "dedicated"][number % 2]
        inside.instance_type = TYPES[number % len(TYPES)][0]
        inside.ebs_optimized = number % 8 > 5
        if number % 7 == 3:
            inside.lifecycle = "spot"
        if number % 7 == 4:
            client.create_tags(Resources=[instance], Tags=[{"Key": "aws:autoscaling:groupName", "Value": "web"}])
        if number % 6 == 2:
            groups = [group.id for group in inside.nics[0].group_set]
            client.modify_instance_attribute(InstanceId=instance, Groups=[*groups, default if number % 4 else wizard])
        if number % 9 == 4:
            client.stop_instances(InstanceIds=[instance])
        if number % 9 == 7:
            # It was started again.
            inside.launch_time = datetime.now(timezone.utc)
            inside.nics[0].attachment_time = None
    # AWS has had none outside of a VPC since 2023.
    last = backend.get_instance(made[-1])
    outside_of_vpcs(backend, last)


def outside_of_vpcs(backend, inside):
    for interface in inside.nics.values():
        backend.enis.pop(interface.id)
    inside.nics = {}
    inside.__class__ = type("Classic", (type(inside),), {
        "vpc_id": None, "subnet_id": None, "private_ip": "10.0.0.9", "private_ip_address": "10.0.0.9", "public_ip": None, "public_ip_address": None,
    })


def answer_images(estate, account, region, around, allowed):
    """moto does not report the images of instances. `allowed`: the state of Allowed AMIs in the region."""
    items = []
    for number, instance in enumerate(around.instances):
        state, deprecated, listed, current = IMAGES[number % len(IMAGES)]
        image = {"ImageId": instance["ImageId"], "State": state, "ImageAllowed": listed, "OwnerId": account.id}
        if deprecated is not None:
            image["DeprecationTime"] = (datetime.now(timezone.utc) + timedelta(days=deprecated)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        items.append({"InstanceId": instance["InstanceId"], "InstanceType": instance["InstanceType"], "ImageMetadata": image})
        gone = instance["State"]["Name"] in GONE
        account.say(
            region,
            instance["InstanceId"],
            ec2_instance_deprecated_ami="skip" if gone else "unknown" if current is None else yes(current),
            ec2_instance_approved_ami="skip" if gone or allowed == "disabled" else "unknown" if listed is None else yes(listed),
        )
    estate.answer(
        "ec2:DescribeInstanceImageMetadata", account.id, region, response("DescribeInstanceImageMetadata", {"InstanceImageMetadata": items})
    )


def true_of_instances(estate, account, region, client, around):
    addresses = client.describe_addresses()["Addresses"]
    attached = {
        interface["Attachment"]["InstanceId"]: interface["Attachment"].get("AttachTime")
        for interface in around.interfaces
        if interface.get("Attachment", {}).get("InstanceId") and interface["Attachment"].get("DeviceIndex") == 0
    }
    support = dict(TYPES)
    for instance in around.instances:
        name = instance["InstanceId"]
        gone = instance["State"]["Name"] in GONE
        interfaces = instance["NetworkInterfaces"]
        public = {ip for interface in interfaces for ip in public_ipv4(interface)} | {
            address["PublicIp"] for address in addresses if address.get("InstanceId") == name
        }
        if instance.get("PublicIpAddress"):
            public.add(instance["PublicIpAddress"])
        groups = [group["GroupName"] for group in [*instance["SecurityGroups"], *(group for one in interfaces for group in one["Groups"])]]
        enclaves = instance.get("EnclaveOptions", {}).get("Enabled")
        tokens = instance["MetadataOptions"]["HttpTokens"] == "required" or instance["MetadataOptions"]["HttpEndpoint"] == "disabled"
        started = min(time for time in (instance["LaunchTime"], attached.get(name)) if time)
        tags = {tag["Key"] for tag in instance.get("Tags", [])}
        exposed_host = bool(public) or any(
            around.is_public(one["VpcId"], one["SubnetId"])
            or any(one.get("Ipv6Addresses", []))
            or any(
                around.groups[group["GroupId"]].opens(protocol, port)
                for group in one["Groups"]
                for probe in around.groups[group["GroupId"]].probes()
                for protocol, port in ([probe] if probe[0] in ("tcp", "udp") else [("tcp", 1), ("udp", 1)] if probe[0] == "-1" else [])
            )
            for one in interfaces
        )
        optimized = instance.get("EbsOptimized") or support[instance["InstanceType"]] == "default"
        hops = instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1 or instance["MetadataOptions"]["HttpEndpoint"] == "disabled"
        verdicts = {
            "ec2_enclave_host_imdsv2": yes(tokens) if enclaves else "skip",
            "ec2_enclave_host_not_exposed": yes(not exposed_host) if enclaves else "skip",
            "ec2_enclave_host_running": yes(instance["State"]["Name"] != "stopped") if enclaves else "skip",
            "ec2_instance_in_vpc": yes(instance.get("VpcId")),
            "ec2_instance_public_with_profile": yes(not (public and instance.get("IamInstanceProfile"))),
            "ec2_instance_user_data_secrets": yes(not estate.secrets.get(name)),
            "ec2_instance_default_security_group": yes("default" not in groups),
            "ec2_instance_termination_protection": (
                "skip" if instance.get("InstanceLifecycle") == "spot" or "aws:autoscaling:groupName" in tags else yes(name in estate.protected)
            ),
            "ec2_instance_detailed_monitoring": yes(instance["Monitoring"]["State"] in ("enabled", "pending")),
            "ec2_instance_ebs_optimized": "skip" if not optimized and support[instance["InstanceType"]] == "unsupported" else yes(optimized),
            "ec2_instance_imds_hop_limit": yes(hops),
            "ec2_instance_launch_wizard_group": yes(not any(group.startswith("launch-wizard-") for group in groups)),
            "ec2_instance_no_key_pair": yes(not instance.get("KeyName")),
            "ec2_instance_allowed_tenancy": yes(instance["Placement"]["Tenancy"] == "default"),
            "ec2_instance_allowed_type": yes(instance["InstanceType"].startswith("t3.")),
        }
        if name in estate.launched[account.id, region]:
            verdicts |= {"ec2_instance_public_ip": yes(not public), "ec2_instance_imdsv2": yes(tokens)}
        verdicts = {rule: "skip" if gone else verdict for rule, verdict in verdicts.items()}
        old = datetime.now(timezone.utc) - started > timedelta(days=180)
        verdicts["ec2_instance_max_age"] = yes(not old) if instance["State"]["Name"] == "running" else "skip"
        account.say(region, name, **verdicts)
    estate.params["ec2-instance-allowed-tenancy"] = {"tenancies": ["default"]}
    estate.params["ec2-instance-allowed-type"] = {"allowed_types": ["t3.*"]}


def true_of_templates(estate, account, region, client):
    """Adds templates with user data; all others have none."""

    def with_data(data):
        return {"InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"}, "UserData": b64encode(data).decode()}

    # The default version has the data before.
    for number, (data, secret) in enumerate(USER_DATA):
        before, secret_before = USER_DATA[number - 1]
        made = client.create_launch_template(LaunchTemplateName=f"data-{number}", LaunchTemplateData=with_data(before))
        made = made["LaunchTemplate"]["LaunchTemplateId"]
        client.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=with_data(data))
        estate.secrets[made] = secret or secret_before
        account.say(
            region, made, ec2_launch_template_imdsv2="pass", ec2_launch_template_public_ip="pass", ec2_launch_template_ebs_encrypted="pass"
        )
        estate.resources += 1
    for template in client.describe_launch_templates(MaxResults=200)["LaunchTemplates"]:
        name = template["LaunchTemplateId"]
        account.say(region, name, ec2_launch_template_user_data_secrets=yes(not estate.secrets.get(name)))
