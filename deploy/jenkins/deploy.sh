#!/usr/bin/env bash
# deploy.sh control-plane|target-role ACCOUNT: assumes the deployer role of the account and deploys there. For any CI server on EC2 that has the
# instance profile of deploy/ci-roles.cloudformation.yaml. Needs the AWS CLI, and AWS_REGION, CENTRAL_ACCOUNT and ROLECALL_EXTERNAL_ID;
# for the control plane also CODE_BUCKET and CODE_KEY, where the zip file of the function is.
set -euo pipefail
cd "$(dirname "$0")/../.."

what=$1
account=$2
: "${AWS_REGION:?}" "${CENTRAL_ACCOUNT:?}" "${ROLECALL_EXTERNAL_ID:?}"

credentials=$(aws sts assume-role --role-arn "arn:aws:iam::$account:role/rolecall-deployer" --role-session-name "deploy-$what" \
  --query '[Credentials.AccessKeyId,Credentials.SecretAccessKey,Credentials.SessionToken]' --output text)
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

case "$what" in
  control-plane)
    parameters=(CodeBucket="${CODE_BUCKET:?}" CodeKey="${CODE_KEY:?}")
    ;;
  target-role)
    parameters=(CentralPrincipalArn="arn:aws:iam::$CENTRAL_ACCOUNT:role/rolecall-function")
    ;;
  *)
    echo "deploy.sh: \`$what\` is not a valid template: use control-plane or target-role" >&2
    exit 2
    ;;
esac
aws cloudformation deploy --stack-name "rolecall-$what" --template-file "deploy/$what.cloudformation.yaml" \
  --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \
  --parameter-overrides "${parameters[@]}" ExternalId="$ROLECALL_EXTERNAL_ID"
