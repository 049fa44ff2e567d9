//! Files as such: what kind they are ([`FileKind`]), and how they are written whole or not at all: beside their place first,
//! and put there when they are complete.
//!
//! A draft lies in the folder of the file it will be, under a hidden name of its own with the same ending, so that several
//! writers of one file, in one process or in many, never meet in a draft: the last one to be complete wins.

mod kind;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub use kind::FileKind;

/// How the names of drafts begin.
const DRAFT: &str = ".partial-";

/// Writes a file, replacing what may be there. After an error, what was there is still there, and nothing else.
///
/// # Errors
/// What the system says: the folder is missing, the disk is full, the file must not be replaced.
pub fn write_atomically(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut draft = Draft::beside(path)?;
    draft.write_all(contents)?;
    draft.commit()
}

/// Whether a file's name says that it is, or was when its writer was stopped, in the making.
#[must_use]
pub fn is_draft(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(DRAFT.as_bytes()))
}

/// A file in the making that is written piece by piece. Dropped without [`Draft::commit`], it is removed.
#[derive(Debug)]
pub struct Draft {
    // Before its path, so that it is closed when that removes it.
    file: BufWriter<File>,
    path: DraftPath,
}

impl Draft {
    /// Begins the file that will lie at `target`. Its folder has to be there.
    ///
    /// # Errors
    /// What the system says.
    pub fn beside(target: &Path) -> io::Result<Self> {
        let (path, file) = DraftPath::create(target)?;
        Ok(Self { file: BufWriter::new(file), path })
    }

    /// Waits until everything is on the disk and puts the file into its place, in one step.
    ///
    /// # Errors
    /// What the system says; the draft is removed then, and what lay in its place stays.
    pub fn commit(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        self.path.put_into_place()
    }

    /// Waits until everything that was written so far is on the disk.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }

    /// Cuts off everything behind the first `length` bytes and goes on there.
    ///
    /// # Errors
    /// What the system says.
    pub fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().set_len(length)?;
        self.file.seek(SeekFrom::Start(length)).map(drop)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Where a file in the making lies, for writers that want a path, as other programs do. Dropped without
/// [`DraftPath::commit`], what lies there is removed.
#[derive(Debug)]
pub struct DraftPath {
    draft: PathBuf,
    target: PathBuf,
    is_in_place: bool,
}

impl DraftPath {
    /// Makes an empty file beside `target`, with the same ending. Its folder has to be there.
    ///
    /// # Errors
    /// What the system says.
    pub fn beside(target: &Path) -> io::Result<Self> {
        Self::create(target).map(|(path, _)| path)
    }

    fn create(target: &Path) -> io::Result<(Self, File)> {
        if target.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no file name"));
        }
        loop {
            let draft = target.with_file_name(draft_name(target));
            match File::create_new(&draft) {
                Ok(file) => return Ok((Self { draft, target: target.to_owned(), is_in_place: false }, file)),
                // Left behind by a process of the same number, or just made by one on another machine.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it lies until it is complete.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.draft
    }

    /// Waits until what was written there is on the disk and puts it into its place, in one step.
    ///
    /// # Errors
    /// What the system says; the draft is removed then, and what lay in its place stays.
    pub fn commit(self) -> io::Result<()> {
        // Some systems sync only what may be written.
        OpenOptions::new().write(true).open(&self.draft)?.sync_all()?;
        self.put_into_place()
    }

    fn put_into_place(mut self) -> io::Result<()> {
        fs::rename(&self.draft, &self.target)?;
        self.is_in_place = true;
        // So that a power cut does not undo the new name. Not every system can, and the file is sound either way.
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Drop for DraftPath {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Whoever wrote there may have removed it already.
            let _ = fs::remove_file(&self.draft);
        }
    }
}

/// A name that nobody else in this process takes, nor another process at the same time. It is short whatever the file is
/// called, and it keeps the ending, from which other programs see what to write.
fn draft_name(target: &Path) -> OsString {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(format!("{DRAFT}{}-{number}", std::process::id()));
    if let Some(ending) = target.extension() {
        name.push(".");
        name.push(ending);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|e| e.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_made_and_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("scores.json");
        for text in ["first", "second, longer", "3"] {
            write_atomically(&path, text.as_bytes()).expect("writes");
            assert_eq!(fs::read_to_string(&path).expect("reads"), text);
            assert_eq!(names(folder.path()), ["scores.json"], "no draft is left");
        }
    }

    #[test]
    fn what_is_not_completed_leaves_the_old_file_and_no_draft() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("take.bvh");
        fs::write(&path, "old").expect("writes");
        let mut draft = Draft::beside(&path).expect("a draft");
        draft.write_all(&vec![b'x'; 100_000]).expect("writes");
        let drafts = names(folder.path()).into_iter().filter(|name| is_draft(&folder.path().join(name)));
        assert_eq!(drafts.count(), 1, "it lies beside the file");
        assert!(!is_draft(&path));
        assert_eq!(fs::read_to_string(&path).expect("reads"), "old");
        drop(draft);
        assert_eq!(
            (names(folder.path()), fs::read_to_string(&path).expect("reads")),
            (vec!["take.bvh".to_owned()], "old".to_owned())
        );
    }

    #[test]
    fn what_cannot_be_replaced_stays_and_no_draft_is_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A file cannot take the place of a folder that holds something.
        let path = folder.path().join("scores.json");
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join("kept"), "old").expect("writes");
        write_atomically(&path, b"new").expect_err("refused");
        DraftPath::beside(&path).expect("a draft").commit().expect_err("refused");
        assert_eq!(names(folder.path()), ["scores.json"]);
        assert_eq!(fs::read_to_string(path.join("kept")).expect("reads"), "old");
        write_atomically(&folder.path().join("missing/scores.json"), b"new").expect_err("no folder");
        write_atomically(Path::new("/"), b"new").expect_err("no name");
    }

    #[test]
    fn two_writers_of_one_file_do_not_meet() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("take.trc");
        let mut drafts: Vec<_> = (0..3).map(|_| Draft::beside(&path).expect("a draft")).collect();
        for (number, draft) in drafts.iter_mut().enumerate() {
            write!(draft, "writer {number}").expect("writes");
        }
        for (number, draft) in drafts.into_iter().enumerate() {
            draft.commit().expect("commits");
            assert_eq!(fs::read_to_string(&path).expect("reads"), format!("writer {number}"));
        }
        assert_eq!(names(folder.path()), ["take.trc"]);
    }

    #[test]
    fn another_program_writes_under_a_path_with_the_same_ending() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(format!("{}.mp4", "long".repeat(62)));
        let draft = DraftPath::beside(&path).expect("a draft, however long the name is");
        assert_eq!(draft.path().extension().expect("an ending"), "mp4");
        // Some remove what lies there first.
        fs::remove_file(draft.path()).expect("removes");
        fs::write(draft.path(), "film").expect("writes");
        draft.commit().expect("commits");
        assert_eq!(fs::read_to_string(&path).expect("reads"), "film");
        let gone = DraftPath::beside(&path).expect("a draft");
        fs::remove_file(gone.path()).expect("removes");
        gone.commit().expect_err("nothing was written");
        assert_eq!(fs::read_to_string(&path).expect("reads"), "film");
        assert_eq!(names(folder.path()).len(), 1);
    }

    #[test]
    fn a_draft_is_cut_and_goes_on_there() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out.ldt");
        let mut draft = Draft::beside(&path).expect("a draft");
        draft.write_all(b"kept, half wri").expect("writes");
        draft.cut_to(5).expect("cuts");
        draft.write_all(b"whole").expect("writes");
        draft.commit().expect("commits");
        assert_eq!(fs::read_to_string(&path).expect("reads"), "kept,whole");
    }
}
