# Waits until no process holds the lock on a home's `users`, ends what runs in the home, and removes
# it. A lock goes with its process, so SIGKILL is noticed like any other end. Started by homes.rs.
home=$1 linger=$2
exec 8<"$home/keeper" 9<"$home/users" || exit 0
flock -s 8
while :; do
    flock -x 9 && flock -u 9
    sleep "$linger"
    flock -n -x 9 && break
done
# Servers work in their data directory.
inhabitants() {
    find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$home/data" 2>/dev/null | cut -d/ -f3
}
for signal in INT INT KILL; do
    for try in 1 2 3 4 5 6 7 8 9 10; do
        pids=$(inhabitants)
        [ -n "$pids" ] || break 2
        [ "$try" = 1 ] && kill -s "$signal" $pids 2>/dev/null
        sleep 0.2
    done
done
rm -rf "$home"
