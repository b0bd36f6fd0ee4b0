# A node for the pods of HelmStartsAppsIT, in a network and a file system of its own: node.sh DIRECTORY REPOSITORY.
# Below DIRECTORY are hosts, and for each pod what kubelet would mount, and a script PODS/NAME.sh that starts it.
set -eu
directory=$1
repository=$2
ip link set lo up

mount -t tmpfs tmpfs /run
cp --archive /etc /run/etc
cat "$directory/hosts" >>/run/etc/hosts
mkdir -p /run/etc/netrng
mount --bind /run/etc /etc

mkdir -p /run/secrets/netrng/tls /run/secrets/netrng/admin /run/secrets/netrng/tokens /run/netrng-server /run/netrng-client
mount --bind "$repository/netrng-server-app/target" /run/netrng-server
mount --bind "$repository/netrng-client-app/target" /run/netrng-client

for pod in "$directory"/pods/*.sh; do
  unshare --mount bash "$pod" >"${pod%.sh}.log" 2>&1 &
done
wait
