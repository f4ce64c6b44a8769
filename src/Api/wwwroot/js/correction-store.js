// Corrected pictures with their labels, kept in this browser until the person downloads and deletes them.

const DatabaseName = "corrections";
const StoreName = "pictures";

/** More than anyone corrects in one sitting. */
const MaxPictures = 500;

const MaxBytes = 50 * 1024 * 1024;

/** The picture cannot be stored; the message is a sentence for the person. */
export class StorageError extends Error {}

/** Where the browser forbids storage, as in some private windows, pictures are kept until the page is closed. */
export class CorrectionStore {
  #database = openDatabase().catch(() => null);
  #inMemory = [];
  #lastInMemory = 0;

  /** @returns {Promise<{ id: number, digit: number, type: string, bytes: ArrayBuffer }[]>} in the order in which they came. */
  async all() {
    return await this.#use("readonly", store => store.getAll()) ?? [...this.#inMemory];
  }

  /**
   * @param {{ id: number | null, digit: number, type: string, bytes: ArrayBuffer }} picture replaces the one with its id.
   * @returns {Promise<number>} its id.
   * @throws {StorageError} There is no room for it.
   */
  async put({ id, ...picture }) {
    const others = (await this.all()).filter(other => other.id !== id);
    if (others.length >= MaxPictures) {
      throw new StorageError(`This browser keeps ${MaxPictures} pictures. Download them and forget them first.`);
    }

    if (others.reduce((sum, other) => sum + other.bytes.byteLength, picture.bytes.byteLength) > MaxBytes) {
      throw new StorageError("This browser keeps 50 MB of pictures. Download them and forget them first.");
    }

    let newId;
    try {
      newId = await this.#use("readwrite", store => store.put(id === null ? picture : { id, ...picture }));
    } catch (error) {
      throw error instanceof DOMException ? new StorageError("The browser has no room for the picture.") : error;
    }

    if (newId === null) {
      newId = id ?? ++this.#lastInMemory;
      this.#inMemory = [...this.#inMemory.filter(other => other.id !== newId), { id: newId, ...picture }];
    }

    return newId;
  }

  async clear() {
    this.#inMemory = [];
    await this.#use("readwrite", store => store.clear());
  }

  /** @returns the result of the request; null if there is no database. */
  async #use(mode, request) {
    const database = await this.#database;
    return database && new Promise((resolve, reject) => {
      const transaction = database.transaction(StoreName, mode);
      const answer = request(transaction.objectStore(StoreName));
      transaction.oncomplete = () => resolve(answer.result ?? true);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DatabaseName, 1);
    // The database counts the ids, so that two tabs never give the same one.
    opening.onupgradeneeded = () => opening.result.createObjectStore(StoreName, { keyPath: "id", autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = opening.onblocked = () => reject(opening.error);
  });
}
