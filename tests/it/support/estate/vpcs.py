"""Subnets, network ACLs, flow logs, a peering and transit gateways."""

from .base import yes


def flow_logs(estate, account, region, client, vpcs):
    for vpc in vpcs:
        kind = estate.some([None, "ALL", "REJECT", "ACCEPT"])
        if kind:
            client.create_flow_logs(
                ResourceIds=[vpc], ResourceType="VPC", TrafficType=kind, LogDestinationType="s3",
                LogDestination=f"arn:aws:s3:::estate-{account.id}-00",
            )
        account.say(region, vpc, vpc_flow_logs=yes(kind in ("ALL", "REJECT")))
        estate.resources += 1


def subnets(estate, account, region, client, vpc):
    found = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    if not found:
        block = client.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
        for third in (0, 1):
            client.create_subnet(VpcId=vpc, CidrBlock=block.replace(".0.0/16", f".{third}.0/24"))
    for subnet in client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]:
        public = estate.often(0.5)
        client.modify_subnet_attribute(SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": public})
        account.say(region, subnet["SubnetId"], subnet_auto_public_ip=yes(not public))
        estate.resources += 1


# Entries of an ACL by number: (number, action, protocol, ports, cidr), and whether TCP 22 or 3389 is open to the internet.
ACLS = [
    ([(100, "allow", "-1", None, "0.0.0.0/0")], True),
    ([(50, "deny", "6", (22, 22), "0.0.0.0/0"), (60, "deny", "6", (3389, 3389), "0.0.0.0/0"), (100, "allow", "-1", None, "0.0.0.0/0")], False),
    ([(50, "deny", "6", (22, 22), "0.0.0.0/0"), (100, "allow", "-1", None, "0.0.0.0/0")], True),
    ([(100, "allow", "6", (22, 22), "0.0.0.0/0"), (200, "deny", "6", (22, 22), "0.0.0.0/0")], True),
    ([(100, "allow", "6", (443, 443), "0.0.0.0/0")], False),
    ([(100, "allow", "17", (22, 22), "0.0.0.0/0")], False),
    ([(100, "allow", "6", (22, 22), "10.0.0.0/8")], False),
    ([(100, "allow", "6", (3000, 4000), "0.0.0.0/0")], True),
    ([], False),
]


def acls(estate, account, region, client, vpc):
    default = client.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    for acl in default:
        account.say(region, acl["NetworkAclId"], nacl_ingress_ssh_rdp="fail")
        estate.resources += 1
    for _ in range(2):
        entries, is_open = estate.some(ACLS)
        acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        for number, action, protocol, ports, cidr in entries:
            ranges = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
            client.create_network_acl_entry(
                NetworkAclId=acl, RuleNumber=number, RuleAction=action, Protocol=protocol, CidrBlock=cidr, Egress=False, **ranges
            )
        account.say(region, acl, nacl_ingress_ssh_rdp=yes(not is_open))
        estate.resources += 1


def peering(estate, account, region, client, vpcs):
    """One peering between two VPCs of the account, with a route to the whole peer VPC or part of it."""
    made = client.create_vpc_peering_connection(VpcId=vpcs[1], PeerVpcId=vpcs[2])["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    table = client.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpcs[1]]}])["RouteTables"][0]["RouteTableId"]
    to, verdict = estate.some([("10.2.0.0/16", "fail"), ("10.2.1.0/24", "pass"), ("0.0.0.0/0", "fail"), (None, "pass")])
    if to:
        client.create_route(RouteTableId=table, DestinationCidrBlock=to, VpcPeeringConnectionId=made)
    account.say(region, made, vpc_peering_least_route=verdict)
    estate.resources += 1


def gateways(estate, account, region, client):
    for accept in ("enable", "disable"):
        made = client.create_transit_gateway(Options={"AutoAcceptSharedAttachments": accept})["TransitGateway"]["TransitGatewayId"]
        account.say(region, made, tgw_auto_accept=yes(accept == "disable"))
        estate.resources += 1
