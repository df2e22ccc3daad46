/**
 * Plays a Mac with Apple's processor to a Node that is started with `--require` of this file, and to all that it starts
 * if NODE_OPTIONS names it: the platform, the user's id, and none of the files that only Linux has. Programs are found by
 * PATH as ever, so that a test gives those that the Mac has.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const os = require('node:os');

const USER_ID = 501;
const GROUP_ID = 20;

const LINUX_ONLY =
  /^\/(proc|sys|dev\/kvm|etc\/(os-release|debian_version|apt|subuid|subgid)|usr\/include|usr\/share\/(OVMF|AAVMF|edk2|qemu|keyrings)|var\/lib\/(apt|dpkg))(\/|$)/;

/** @param {object} on @param {Record<string, unknown>} values */
function replace(on, values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(on, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** A path that is not there stands for each that a Mac lacks. @param {unknown} path */
function asOnMac(path) {
  const text = path instanceof URL ? path.pathname : String(path);
  return LINUX_ONLY.test(text) ? `/.not-on-macos${text}` : path;
}

/** @param {object} module fs or its promises */
function hideLinux(module) {
  const functions = Object.entries(module).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  );
  for (const [name, original] of functions) {
    /** @param {unknown} path @param {unknown[]} args */
    const hidden = (path, ...args) => Reflect.apply(original, module, [asOnMac(path), ...args]);
    replace(module, { [name]: Object.assign(hidden, original) });
  }
}

replace(process, {
  platform: 'darwin',
  arch: 'arm64',
  getuid: () => USER_ID,
  geteuid: () => USER_ID,
  getgid: () => GROUP_ID,
  getegid: () => GROUP_ID,
});
replace(os, {
  platform: () => 'darwin',
  arch: () => 'arm64',
  machine: () => 'arm64',
  type: () => 'Darwin',
  release: () => '24.6.0',
  userInfo: () => ({
    username: 'mac',
    uid: USER_ID,
    gid: GROUP_ID,
    homedir: os.homedir(),
    shell: '/bin/zsh',
  }),
});
hideLinux(fs);
hideLinux(fs.promises);
syncBuiltinESMExports();
