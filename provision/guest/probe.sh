# What gclab reads off a guest in one go. Changes nothing but one cgroup, made and removed at once, where it is run by root.
# src/kernel/facts/probe-answer.ts says what each key may hold.
probe() {
  # Each is one word.
  set -- $(uname -srm)
  system=$1 release=$2 machine=$3
  say system "$system"
  say release "$release"
  say machine "$machine"
  user
  case $system in Linux) linux ;; *) other ;; esac
}

# The person, who under sudo is the one that called it, and how they may be root. `gclab` has tried `sudo -n` before.
user() {
  me=$(id)
  uid=${me#uid=} uid=${uid%%[!0-9]*} name=unknown
  # uid=1000(lab) gid=…
  case $me in "uid=$uid("*) name=${me#*"("} name=${name%%")"*} ;; esac
  privilege=none
  if [ "$run_by" = sudo ]; then privilege=sudo; elif [ "$uid" = 0 ]; then privilege=root; elif have sudo; then privilege=sudo-password; fi
  say user "${SUDO_USER:-$name}"
  say uid "${SUDO_UID:-$uid}"
  say privilege $privilege
}

linux() {
  os_release
  line_of command-line /proc/cmdline
  line_of boot-id /proc/sys/kernel/random/boot_id
  line_of host-name /proc/sys/kernel/hostname
  sizes
  line_of thp /sys/kernel/mm/transparent_hugepage/enabled
  { read -r line </proc/pressure/memory; } 2>/dev/null && say psi yes
  container
  boot_loader
  cgroups
}

other() {
  say host-name "$(uname -n)"
  have sw_vers && say os-release "PRETTY_NAME=$(sw_vers -productName) $(sw_vers -productVersion)" &&
    say os-release "VERSION_ID=$(sw_vers -productVersion)"
  say cpus "$(sysctl -n hw.ncpu 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
  say memory-bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem64 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
  say page-bytes "$(getconf PAGESIZE 2>/dev/null)"
}

# A file's first line, which may be without an end.
line_of() { [ -r "$2" ] && { IFS= read -r line || [ -n "$line" ]; } <"$2" && say "$1" "$line"; }

# Whether a list of words, read from a file, has the word.
lists() { { read -r words <"$1"; } 2>/dev/null && case " $words " in *" $2 "*) return 0 ;; esac; return 1; }

# Anyone may write anything of any length into it.
os_release() {
  for path in /etc/os-release /usr/lib/os-release; do
    [ -r "$path" ] || continue
    head -c 16384 "$path" | while IFS= read -r line || [ -n "$line" ]; do
      case $line in ID=* | VERSION_ID=* | PRETTY_NAME=*) say os-release "$line" ;; esac
    done
    return
  done
}

sizes() {
  say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
  while read -r what size rest; do
    case $what in MemTotal:) say memory-kib "$size" ;; SwapTotal:) say swap-kib "$size"; break ;; esac
  done </proc/meminfo
  # These have pages of one size only.
  case $machine in x86_64 | i?86) page=4096 ;; *) page=$(getconf PAGESIZE 2>/dev/null) ;; esac
  # busybox alone has no getconf.
  if [ -z "$page" ]; then
    kib=$(sed -n 's/^KernelPageSize: *\([0-9]*\) kB/\1/p' /proc/self/smaps 2>/dev/null | head -n 1)
    page=${kib:+$((kib * 1024))}
  fi
  say page-bytes "$page"
}

container() {
  if have systemd-detect-virt; then
    say container "$(systemd-detect-virt --container 2>/dev/null)"
    say vm "$(systemd-detect-virt --vm 2>/dev/null)"
  fi
  [ -e /.dockerenv ] && say container-sign docker
  [ -e /run/.containerenv ] && say container-sign podman
  line_of container-sign /run/systemd/container
  [ -e /proc/vz ] && [ ! -e /proc/bc ] && say container-sign openvz
  line_of dmi-vendor /sys/class/dmi/id/sys_vendor
  line_of dmi-product /sys/class/dmi/id/product_name
}

boot_loader() {
  # The kernel ends its line with a NUL.
  [ -r /proc/device-tree/model ] && say device-model "$(tr -d '\000' </proc/device-tree/model)"
  for path in /boot/grub/grub.cfg /boot/grub2/grub.cfg /boot/loader/entries /boot/loader/loader.conf \
    /boot/efi/loader/loader.conf /efi/loader/loader.conf /etc/kernel/cmdline /etc/zipl.conf /boot/boot.scr \
    /boot/uEnv.txt /boot/armbianEnv.txt /boot/extlinux/extlinux.conf /boot/extlinux.conf /etc/default/u-boot \
    /boot/firmware/cmdline.txt /boot/cmdline.txt /etc/default/grub /etc/default/grub.d; do
    [ -e "$path" ] && say boot-file "$path"
  done
  for tool in update-grub grub-mkconfig grubby bootctl zipl; do have "$tool" && say boot-tool "$tool"; done
  for kernel in /boot/vmlinu[xz]* /boot/Image* /boot/kernel*; do
    [ -e "$kernel" ] && say boot-file "$kernel" && break
  done
  # Who says it loaded this kernel: UTF-16 after four bytes of attributes.
  vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
  for name in LoaderInfo StubInfo; do
    path=/sys/firmware/efi/efivars/$name-$vendor
    [ -r "$path" ] && say "efi-$name" "$(tr -cd ' -~' <"$path" | cut -c1-200)"
  done
}

cgroups() {
  v1= v2= mounts=0
  while read -r number parent device root point options rest; do
    case " $rest" in
      *' - cgroup2 '*) case $v2 in /sys/fs/cgroup*) ;; *) v2=$point ;; esac; kind=cgroup2 ;;
      *' - cgroup '*)
        kind=cgroup
        case ",${rest##* }," in *,memory,*) case $v1 in /sys/fs/cgroup*) ;; *) v1=$point ;; esac ;; esac
        ;;
      *) continue ;;
    esac
    mounts=$((mounts + 1))
    [ $mounts -le 64 ] && say "$kind" "$point" "$options" "${rest##* }"
  done </proc/self/mountinfo
  while read -r controller rest; do
    [ "$controller" = memory ] && say proc-cgroups $rest
  done 2>/dev/null </proc/cgroups
  if [ -n "$v1" ]; then
    say memory-mount v1 "$v1"
    for file in memory.limit_in_bytes memory.memsw.limit_in_bytes; do [ -e "$v1/$file" ] && say file "$file"; done
    [ "$uid" != 0 ] || (try_limits "$v1" memory.limit_in_bytes 67108864 memory.memsw.limit_in_bytes 67108864)
  elif [ -n "$v2" ]; then
    say memory-mount v2 "$v2"
    v2_files
    v2_enabled
    [ "$uid" = 0 ] || delegated
    [ "$uid" != 0 ] || (try_limits "$v2" memory.max 67108864 memory.swap.max 0)
  fi
}

# v2 has its files in cgroups below the root only: where the memory controller is on, this finds one.
v2_files() {
  own=
  while IFS= read -r line; do
    case $line in 0::*) own=${line#0::} ;; esac
  done </proc/self/cgroup
  dir=$v2${own%/}
  while [ ${#dir} -ge ${#v2} ] && [ ! -e "$dir/memory.max" ]; do dir=${dir%/*}; done
  for dir in "$dir" "$v2/init.scope" "$v2/system.slice" "$v2/user.slice"; do
    [ -e "$dir/memory.max" ] || continue
    say file memory.max
    [ -e "$dir/memory.swap.max" ] && say file memory.swap.max
    break
  done
}

v2_enabled() {
  if lists "$v2/cgroup.subtree_control" memory; then say v2-memory enabled
  elif ! lists "$v2/cgroup.controllers" memory; then say v2-memory absent
  # The real root may always enable it; a container's root only while no process sits in it.
  elif [ ! -e "$v2/cgroup.type" ] || [ -z "$(cat "$v2/cgroup.procs" 2>/dev/null)" ]; then say v2-memory possible
  else say v2-memory refused
  fi
}

# Delegation (v2): a cgroup of one's own, or a user manager that will make one.
delegated() {
  manager=$v2/user.slice/user-$uid.slice/user@$uid.service
  if [ -w "$v2$own" ] && [ -w "$v2$own/cgroup.procs" ] && lists "$v2$own/cgroup.controllers" memory; then
    say delegated own
  elif [ -w "$manager" ] && lists "$manager/cgroup.controllers" memory && have systemd-run &&
    [ -S "/run/user/$uid/systemd/private" ]; then
    say delegated manager
  fi
}

# The truth: makes a cgroup below the mount, writes to files of it, reads them back, and removes it. The one thing that writes.
try_limits() {
  { read -r word </proc/sys/kernel/random/uuid; } 2>/dev/null
  dir=$1/gclab-probe-$$-${word%%-*}
  shift
  why=$(mkdir "$dir" 2>&1) || { say probe made no; say probe-refused "$why"; return; }
  trap 'rmdir "$dir" 2>/dev/null' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  say probe made yes
  while [ $# -ge 2 ]; do
    if [ -e "$dir/$1" ]; then
      { echo "$2" >"$dir/$1"; } 2>/dev/null
      value=
      { read -r value <"$dir/$1"; } 2>/dev/null
      say probe "$1" "$value"
    fi
    shift 2
  done
}
