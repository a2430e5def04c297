#!/usr/bin/env bash
# deploy.sh control-plane|target-role ACCOUNT: assumes the deployer role of the account and deploys there. For any CI server on EC2 that has the
# instance profile of deploy/ci-roles.cloudformation.yaml. Needs the AWS CLI, and AWS_REGION, CENTRAL_ACCOUNT and ROLECALL_EXTERNAL_ID;
# for the control plane also CODE_BUCKET, CODE_KEY and CODE_VERSION, where the zip file of the function is.
# Optional, with the defaults of the templates: NAME, PARTITION, TARGET_ROLE_NAME, TARGET_ROLE_PATH, and PERMISSIONS_BOUNDARY, the name or
# ARN of the boundary that the deployer role requires.
set -euo pipefail
cd "$(dirname "$0")/../.."

what=$1
account=$2
: "${AWS_REGION:?}" "${CENTRAL_ACCOUNT:?}" "${ROLECALL_EXTERNAL_ID:?}"
name=${NAME:-rolecall}
partition=${PARTITION:-aws}
role_name=${TARGET_ROLE_NAME:-rolecall}
role_path=${TARGET_ROLE_PATH:-/}
boundary=${PERMISSIONS_BOUNDARY:-}
# In each account, the boundary of the same name.
case "$boundary" in ''|arn:*) ;; *) boundary="arn:$partition:iam::$account:policy/$boundary" ;; esac

case "$what" in
  control-plane)
    parameters=(
      Name="$name" CodeBucket="${CODE_BUCKET:?}" CodeKey="${CODE_KEY:?}" CodeVersion="${CODE_VERSION:?}"
      TargetRoleName="$role_name" TargetRolePath="$role_path"
    )
    ;;
  target-role)
    parameters=(
      CentralPrincipalArn="arn:$partition:iam::$CENTRAL_ACCOUNT:role/$name-function" RoleName="$role_name" RolePath="$role_path"
    )
    ;;
  *)
    echo "deploy.sh: \`$what\` is not a valid template: use control-plane or target-role" >&2
    exit 2
    ;;
esac

credentials=$(aws sts assume-role --role-arn "arn:$partition:iam::$account:role/$name-deployer" --role-session-name "deploy-$what" \
  --query '[Credentials.AccessKeyId,Credentials.SecretAccessKey,Credentials.SessionToken]' --output text)
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

aws cloudformation deploy --stack-name "$name-$what" --template-file "deploy/$what.cloudformation.yaml" \
  --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \
  --parameter-overrides "${parameters[@]}" ExternalId="$ROLECALL_EXTERNAL_ID" PermissionsBoundaryArn="$boundary"
