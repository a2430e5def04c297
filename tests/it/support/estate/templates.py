"""Launch templates and Spot Fleet requests."""

from .base import EC2, yes


def templates(estate, account, region, client):
    required, optional = {"HttpTokens": "required"}, {"HttpTokens": "optional"}
    disabled = {"HttpEndpoint": "disabled"}
    for number in range(5):
        # The default is the first version; the latest is the second, if there is one.
        versions = [estate.some([required, optional, disabled, None]) for _ in range(estate.some([1, 2]))]
        data = [{"InstanceType": "t3.micro", **({"MetadataOptions": options} if options else {})} for options in versions]
        made = client.create_launch_template(LaunchTemplateName=f"template-{number}", LaunchTemplateData=data[0])["LaunchTemplate"]
        for more in data[1:]:
            client.create_launch_template_version(LaunchTemplateId=made["LaunchTemplateId"], LaunchTemplateData=more)
        good = [options in (required, disabled) or (options is None and estate.tokens == "required") for options in versions]
        account.say(
            region,
            made["LaunchTemplateId"],
            # If the region enforces it, other launches fail.
            ec2_launch_template_imdsv2=yes(estate.enforced or all(good)),
            # Neither interfaces nor volumes are mentioned.
            ec2_launch_template_public_ip="pass",
            ec2_launch_template_ebs_encrypted="pass",
        )
        estate.resources += 1


def open_templates(estate, account, region, client, vpc, volumes):
    """Templates with interfaces and volumes."""
    subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    closed, opened = (client.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(2))
    address = client.allocate_address(Domain="vpc")["AllocationId"]
    client.associate_address(AllocationId=address, NetworkInterfaceId=opened)

    def interface(**options):
        return {"DeviceIndex": 0, **options}

    # Interfaces, and whether the template gives one a public address.
    networks = [
        ([], False),
        ([interface(AssociatePublicIpAddress=True)], True),
        ([interface(AssociatePublicIpAddress=False)], False),
        ([interface(AssociateCarrierIpAddress=True)], True),
        # The subnet decides.
        ([interface(SubnetId=subnet)], False),
        ([interface(NetworkInterfaceId=closed)], False),
        ([interface(NetworkInterfaceId=opened)], True),
        ([interface(NetworkInterfaceId=closed), interface(DeviceIndex=1, NetworkInterfaceId=opened)], True),
        # It has been deleted.
        ([interface(NetworkInterfaceId="eni-0123456789abcdef0")], False),
    ]
    # Each one in a template with one version; then two of each, as default and latest version.
    singles = [([network], [disks]) for network, disks in zip(networks + networks[:2], volumes)]
    pairs = [(estate.more.sample(networks, 2), estate.more.sample(volumes, 2)) for _ in range(6)]
    for number, (of_network, of_disks) in enumerate(singles + pairs):
        data = [
            {
                "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"},
                **({"NetworkInterfaces": network} if network else {}),
                **({"BlockDeviceMappings": disks} if disks else {}),
            }
            for (network, _), (disks, _) in zip(of_network, of_disks)
        ]
        made = client.create_launch_template(LaunchTemplateName=f"open-{number}", LaunchTemplateData=data[0])["LaunchTemplate"]["LaunchTemplateId"]
        for more in data[1:]:
            client.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=more)
        account.say(
            region,
            made,
            ec2_launch_template_imdsv2="pass",
            ec2_launch_template_public_ip=yes(not any(public for _, public in of_network)),
            ec2_launch_template_ebs_encrypted=yes(estate.by_default or all(encrypted for _, encrypted in of_disks)),
        )
        estate.resources += 1


def spot_fleets(estate, account, region, volumes):
    """moto drops the volumes of a request, so the proxy answers for all of them."""

    def xml(tag, value):
        if isinstance(value, bool):
            value = "true" if value else "false"
        return f"<{tag}>{value}</{tag}>"

    def specification(disks):
        items = ""
        for disk in disks:
            names = {"DeviceName": "deviceName", "VirtualName": "virtualName"}
            item = "".join(xml(name, disk[key]) for key, name in names.items() if key in disk)
            if "Ebs" in disk:
                item += xml("ebs", "".join(xml(key[0].lower() + key[1:], value) for key, value in disk["Ebs"].items()))
            items += xml("item", item)
        return xml("item", xml("instanceType", "m5.large") + xml("blockDeviceMapping", items))

    by_template = "<launchTemplateConfigs><item><launchTemplateSpecification><launchTemplateName>open-0</launchTemplateName><version>$Latest</version></launchTemplateSpecification></item></launchTemplateConfigs>"
    # State, what it launches (None: by template), and whether all of it is encrypted if the region does not encrypt by default.
    fleets = [("active", [disks], encrypted) for disks, encrypted in volumes]
    for state in ("submitted", "modifying", "active"):
        drawn = estate.more.sample(volumes, 2)
        fleets.append((state, [disks for disks, _ in drawn], all(encrypted for _, encrypted in drawn)))
    fleets += [(state, [volumes[2][0]], False) for state in ("cancelled", "cancelled_running", "cancelled_terminating", "failed")]
    fleets.append(("active", None, False))
    items = ""
    for number, (state, launched, encrypted) in enumerate(fleets):
        fleet = f"sfr-{account.id[:8]}-{region.replace('-', '')[:4]}-{number:04}"
        launches = by_template if launched is None else xml("launchSpecifications", "".join(specification(disks) for disks in launched))
        config = f"<iamFleetRole>arn:aws:iam::{account.id}:role/fleet</iamFleetRole><targetCapacity>1</targetCapacity>{launches}"
        items += xml(
            "item",
            f"<spotFleetRequestId>{fleet}</spotFleetRequestId><spotFleetRequestState>{state}</spotFleetRequestState><createTime>2026-01-02T03:04:05.000Z</createTime><spotFleetRequestConfig>{config}</spotFleetRequestConfig>",
        )
        # It launches nothing more, or its own specification does not decide.
        silent = launched is None or state.startswith("cancelled") or state == "failed"
        account.say(region, fleet, ec2_spot_fleet_ebs_encrypted="skip" if silent else yes(estate.by_default or encrypted))
        estate.resources += 1
    estate.answer(
        "ec2:DescribeSpotFleetRequests", account.id, region,
        f'<DescribeSpotFleetRequestsResponse xmlns="{EC2}"><spotFleetRequestConfigSet>{items}</spotFleetRequestConfigSet></DescribeSpotFleetRequestsResponse>',
    )
