# What gclab reads off a guest in one go. POSIX sh, given to `sh -s` on stdin; every line of the answer is "key value".
# Changes nothing but one cgroup, made and removed at once, where root (or `sudo -n`) is to be had.
# All of it is one function: a script cut on its way runs nothing, and no command can eat the rest of it.
# It starts few programs: on an emulated processor each costs 15 ms, and sudo ten times that.
gclab_probe() {
  LC_ALL=C
  export LC_ALL
  PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin

  say() { printf '%s %s\n' "$1" "$2"; }
  have() { command -v "$1" >/dev/null 2>&1; }
  # A file's one line, which may be without an end.
  file() { [ -r "$2" ] && { IFS= read -r line || [ -n "$line" ]; } 2>/dev/null <"$2" && say "$1" "$line"; }
  # A file of the kernel that ends its line with a NUL.
  nul_file() { [ -r "$2" ] && say "$1" "$(tr '\n\000' '  ' <"$2" 2>/dev/null | cut -c1-8192)"; }
  # Whether a list of words, read from a file, has the word.
  lists() { [ -r "$1" ] && read -r words <"$1" && case " $words " in *" $2 "*) return 0 ;; esac; return 1; }

  # uid=1000(lab) gid=…
  who() {
    me=$(id)
    id=${me#uid=} id=${id%%[!0-9]*} user=unknown
    case $me in "uid=$id("*) user=${me#*"("} user=${user%%")"*} ;; esac
    # Under sudo the person is the one who called it.
    say user "${SUDO_USER:-$user}"
    say uid "${SUDO_UID:-$id}"
  }

  # Runs this as root, which tells whether we may be root.
  as_root() {
    if [ "$id" = 0 ]; then privilege=root; "$@"
    elif ! have sudo; then privilege=none
    elif sudo -n "$@"; then privilege=sudo
    else privilege=sudo-password
    fi 2>/dev/null
    say privilege $privilege
  }

  page_bytes() {
    # These have pages of one size only.
    case $machine in x86_64 | i?86) echo 4096; return ;; esac
    page=$(getconf PAGESIZE 2>/dev/null) || page=
    # busybox alone has no getconf.
    if [ -z "$page" ]; then
      kib=$(sed -n 's/^KernelPageSize: *\([0-9]*\) kB/\1/p' /proc/self/smaps 2>/dev/null | head -n 1)
      page=$((${kib:-4} * 1024))
    fi
    echo "$page"
  }

  size_of_things() {
    say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
    while read -r what size rest; do
      case $what in MemTotal:) say memory-kib "$size" ;; SwapTotal:) say swap-kib "$size"; break ;; esac
    done </proc/meminfo
    say page-bytes "$(page_bytes)"
  }

  container() {
    if have systemd-detect-virt; then
      say container "$(systemd-detect-virt --container 2>/dev/null)"
      say vm "$(systemd-detect-virt --vm 2>/dev/null)"
    fi
    [ -e /.dockerenv ] && say container-sign docker
    [ -e /run/.containerenv ] && say container-sign podman
    [ -r /run/systemd/container ] && file container-sign /run/systemd/container
    [ -e /proc/vz ] && [ ! -e /proc/bc ] && say container-sign openvz
    file dmi-vendor /sys/class/dmi/id/sys_vendor
    file dmi-product /sys/class/dmi/id/product_name
  }

  boot_loader() {
    nul_file device-model /proc/device-tree/model
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

  # Run as root with: v1|v2, the mount, a name. The one thing here that writes. It ends well, whatever it found.
  behaviour='
    dir=$2/$3
    mkdir "$dir" 2>/dev/null || { echo "probe made no"; exit 0; }
    trap "rmdir \"\$dir\" 2>/dev/null" EXIT
    trap "exit 1" HUP INT TERM PIPE
    echo "probe made yes"
    try() {
      [ -e "$dir/$1" ] || return 0
      { echo "$2" >"$dir/$1"; } 2>/dev/null
      value=
      { read -r value <"$dir/$1"; } 2>/dev/null
      echo "probe $1 $value"
    }
    case $1 in
      v1) try memory.limit_in_bytes 67108864; try memory.memsw.limit_in_bytes 67108864 ;;
      v2) try memory.max 67108864; try memory.swap.max 0 ;;
    esac
    exit 0'

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
    manager=$v2/user.slice/user-$id.slice/user@$id.service
    if [ -w "$v2$own" ] && [ -w "$v2$own/cgroup.procs" ] && lists "$v2$own/cgroup.controllers" memory; then
      say delegated own
    elif [ -w "$manager" ] && lists "$manager/cgroup.controllers" memory && have systemd-run &&
      [ -S "/run/user/$id/systemd/private" ]; then
      say delegated manager
    fi
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
      [ $mounts -le 64 ] && say "$kind" "$point $options ${rest##* }"
    done </proc/self/mountinfo
    [ -r /proc/cgroups ] && while read -r name rest; do
      [ "$name" = memory ] && say proc-cgroups "memory $rest"
    done </proc/cgroups
    read -r name 2>/dev/null </proc/sys/kernel/random/uuid
    name=gclab-probe-$$-${name%%-*}
    if [ -n "$v1" ]; then
      say memory-mount "v1 $v1"
      for name_of in memory.limit_in_bytes memory.memsw.limit_in_bytes; do
        [ -e "$v1/$name_of" ] && say file "$name_of"
      done
      as_root sh -c "$behaviour" sh v1 "$v1" "$name"
    elif [ -n "$v2" ]; then
      say memory-mount "v2 $v2"
      v2_files
      v2_enabled
      delegated
      as_root sh -c "$behaviour" sh v2 "$v2" "$name"
    else
      as_root true
    fi
  }

  linux() {
    for path in /etc/os-release /usr/lib/os-release; do
      [ -r "$path" ] || continue
      while IFS= read -r line; do
        case $line in ID=* | VERSION_ID=* | PRETTY_NAME=*) say os-release "$line" ;; esac
      done <"$path"
      break
    done
    file command-line /proc/cmdline
    file boot-id /proc/sys/kernel/random/boot_id
    size_of_things
    file thp /sys/kernel/mm/transparent_hugepage/enabled
    { read -r line </proc/pressure/memory; } 2>/dev/null && say psi yes
    container
    boot_loader
    cgroups
  }

  other() {
    have sw_vers && say os-release "PRETTY_NAME=$(sw_vers -productName) $(sw_vers -productVersion)" &&
      say os-release "VERSION_ID=$(sw_vers -productVersion)"
    say cpus "$(sysctl -n hw.ncpu 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
    say memory-bytes "$(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem64 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
    say page-bytes "$(getconf PAGESIZE 2>/dev/null)"
    as_root true
  }

  # A login shell may have left its line unfinished.
  printf '\ngclab-probe 1\n'
  # Each is one word.
  set -- $(uname -srm)
  system=$1 release=$2 machine=$3
  say system "$system"
  say release "$release"
  say machine "$machine"
  who
  case $system in Linux) linux ;; *) other ;; esac
  printf 'gclab-probe end\n'
}
gclab_probe </dev/null
exit 0
