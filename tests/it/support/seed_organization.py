"""An organization with the three accounts: its management account is the one of the base credentials, without AssumeRole.

    Root                 management (123456789012)
      Workloads          research (222233334444), old-crm (999900001111, closed)
        Prod             payments (111122223333)
      Sandbox            sandbox (333344445555)
"""

import boto3
from moto.organizations import utils


def seed(endpoint):
    # moto makes up account ids, but this organization needs fixed ones. The first one becomes the management account, to which moto assigns
    # its own id.
    wanted = iter(["000000000000", "111122223333", "222233334444", "333344445555", "999900001111"])
    random_id = utils.make_random_account_id
    utils.make_random_account_id = lambda: next(wanted)
    client = boto3.client(
        "organizations",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="seed",
        aws_secret_access_key="seed",
    )
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]

    def unit(parent, name):
        return client.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]

    workloads = unit(root, "Workloads")
    prod = unit(workloads, "Prod")
    sandbox = unit(root, "Sandbox")
    for name, parent in [("payments", prod), ("research", workloads), ("sandbox", sandbox), ("old-crm", workloads)]:
        status = client.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        client.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=parent)
        if name == "old-crm":
            client.close_account(AccountId=status["AccountId"])
    utils.make_random_account_id = random_id
    return {"root": root, "workloads": workloads, "prod": prod, "sandbox": sandbox}
