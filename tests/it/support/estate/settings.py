"""The settings of an account in a region."""

from .base import ACCOUNTS, EC2, REGIONS, yes


def settings(estate, account, region, client):
    # In some regions, snapshots can be public.
    open_to_all = (account.id, region) == (ACCOUNTS[1], REGIONS[0])
    by_default = estate.by_default = estate.often(0.5) and not open_to_all
    if by_default:
        client.enable_ebs_encryption_by_default()
    # The proxy answers what moto does not support.
    snapshots = estate.some(["block-all-sharing", "block-new-sharing", "unblocked"])
    snapshots = "unblocked" if open_to_all else snapshots
    estate.snapshots_blocked = snapshots == "block-all-sharing"
    images = estate.some(["block-new-sharing", "unblocked"])
    tokens = estate.some(["required", "optional", None])
    # Only a region that requires tokens can enforce them.
    tokens = "required" if (account.id, region) == (ACCOUNTS[0], REGIONS[1]) else tokens
    estate.tokens = tokens
    estate.answer(
        "ec2:GetSnapshotBlockPublicAccessState", account.id, region,
        f'<GetSnapshotBlockPublicAccessStateResponse xmlns="{EC2}"><state>{snapshots}</state><managedBy>account</managedBy></GetSnapshotBlockPublicAccessStateResponse>',
    )
    estate.answer(
        "ec2:GetImageBlockPublicAccessState", account.id, region,
        f'<GetImageBlockPublicAccessStateResponse xmlns="{EC2}"><imageBlockPublicAccessState>{images}</imageBlockPublicAccessState><managedBy>account</managedBy></GetImageBlockPublicAccessStateResponse>',
    )
    enforced = estate.enforced = (account.id, region) == (ACCOUNTS[0], REGIONS[1])
    level = f"<httpTokens>{tokens}</httpTokens>" if tokens else ""
    level += "<httpTokensEnforced>enabled</httpTokensEnforced>" if enforced else ""
    estate.answer(
        "ec2:GetInstanceMetadataDefaults", account.id, region,
        f'<GetInstanceMetadataDefaultsResponse xmlns="{EC2}"><accountLevel>{level}</accountLevel></GetInstanceMetadataDefaultsResponse>',
    )
    account.say(
        region,
        region,
        ec2_ebs_encryption_by_default=yes(by_default),
        ec2_ebs_snapshot_block_public_access=yes(snapshots == "block-all-sharing"),
        ec2_ami_block_public_access=yes(images == "block-new-sharing"),
        ec2_imds_defaults_v2=yes(tokens == "required"),
        ec2_imds_v2_enforced=yes(enforced),
    )
    estate.resources += 1
