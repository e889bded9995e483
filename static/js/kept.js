// What a person has typed and not saved, in this browser: fields in its local storage, chosen files in its database, both
// under the person and the form. Nobody else sees them here, and signing out forgets them.
const DAYS = 7;
const MOST_BYTES = 20 * 1024 * 1024;
const START = "draft:";
const person = document.body.dataset.person;
const keyOf = (name) => `${START}${person}:${name}`;
const allKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(START));

function parsed(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch (error) {
    console.warn("a draft cannot be read", error);
    return null;
  }
}

// One request to the store of files; what it found, once it is done for certain.
function withFiles(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("drafts", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("files", mode);
      const request = act(transaction.objectStore("files"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    };
  }).catch((error) => console.warn("files of a draft are out of reach", error));
}

export const read = (name) => parsed(keyOf(name));

// Nothing is kept any more while somebody signs out, until they type on all the same.
let isClosed = false;
export function open() {
  isClosed = false;
}

// Whether there was room; older drafts make way.
export function keep(name, draft) {
  if (isClosed) return true;
  const text = JSON.stringify(draft);
  for (;;) {
    try {
      localStorage.setItem(keyOf(name), text);
      return true;
    } catch {
      const others = allKeys().filter((key) => key !== keyOf(name));
      if (!others.length) return false;
      others.sort((a, b) => (parsed(a)?.at ?? 0) - (parsed(b)?.at ?? 0));
      dropKeys([others[0]]);
    }
  }
}

function dropKeys(keys) {
  for (const key of keys) localStorage.removeItem(key);
  return Promise.all(keys.map((key) => withFiles("readwrite", (files) => files.delete(key))));
}

export const drop = (name) => dropKeys([keyOf(name)]);
export function dropAll() {
  isClosed = true;
  return dropKeys(allKeys().filter((key) => key.startsWith(keyOf(""))));
}

// `chosen` are {field, file}. Whether they are small enough to be kept.
export async function keepFiles(name, chosen) {
  const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  const fits = bytes <= MOST_BYTES;
  await withFiles("readwrite", (files) => (fits && bytes ? files.put(chosen, keyOf(name)) : files.delete(keyOf(name))));
  return fits;
}

export async function filesOf(name) {
  return (await withFiles("readonly", (files) => files.get(keyOf(name)))) ?? [];
}

// The server names the forms that it has saved; what was kept of them is done with, and so is what is old.
export function tidy() {
  const cookie = /(?:^|; )saved_forms=([^;]*)/.exec(document.cookie);
  const saved = cookie ? cookie[1].split(".") : [];
  const oldest = Date.now() - DAYS * 24 * 3600 * 1000;
  dropKeys(allKeys().filter((key) => saved.includes(parsed(key)?.mark) || !(parsed(key)?.at > oldest)));
  if (cookie) document.cookie = "saved_forms=; path=/; max-age=0; samesite=lax";
}
