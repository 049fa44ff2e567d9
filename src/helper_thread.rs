//! A thread that does numbered jobs for one owner, outlives panics and is started again when it is dead.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Jobs under way at once: one that is worked on, one that waits.
const MAX_IN_FLIGHT: usize = 2;

/// Why a job has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelperError<E> {
    /// The job failed, or what does the jobs could not be made; the next job is tried as usual.
    #[error("{0}")]
    Failed(E),
    /// The job panicked. What does the jobs is made anew for the next one.
    #[error("it panicked: {reason}")]
    Panicked {
        /// What the panic said.
        reason: String,
    },
    /// The thread ended or could not be started. The next job starts it again.
    #[error("its thread is lost: {reason}")]
    Lost {
        /// How.
        reason: String,
    },
    /// A newer job's answer came before anybody waited for this one, or there never was such a job.
    #[error("its answer is gone")]
    Gone,
}

/// What came of one job.
pub type Answer<A, E> = Result<A, HelperError<E>>;

/// Does the jobs; lives on the thread.
type Work<J, A, E> = Box<dyn FnMut(J) -> Result<A, E>>;
type Factory<J, A, E> = Arc<dyn Fn() -> Result<Work<J, A, E>, E> + Send + Sync>;

/// A named thread that does jobs `J` with answers `A` or errors `E`, one at a time and in order.
///
/// Each job has a number and each answer its job's, so that an answer for which nobody waited is never taken for another
/// one's. A job that panics costs its own answer. Dropping the helper waits for the job that is worked on.
pub struct HelperThread<J, A, E> {
    name: String,
    factory: Factory<J, A, E>,
    /// `None` after the thread was lost.
    link: Option<Link<J, A, E>>,
    /// The newest job's number; 0 before the first.
    last: u64,
    /// Jobs whose answers have not come in.
    in_flight: usize,
    /// The newest answer that came in and was not taken.
    newest: Option<(u64, Answer<A, E>)>,
}

impl<J, A, E> HelperThread<J, A, E>
where
    J: Send + 'static,
    A: Send + 'static,
    E: Send + 'static,
{
    /// Starts the thread `name` and waits until `factory`, on that thread, has made what does the jobs. After a panic and on
    /// a new thread `factory` is called again before the next job.
    ///
    /// # Errors
    /// [`HelperError::Failed`] or [`HelperError::Panicked`] of `factory`, [`HelperError::Lost`] when the system starts no
    /// thread.
    pub fn start<F, W>(name: &str, factory: F) -> Result<Self, HelperError<E>>
    where
        F: Fn() -> Result<W, E> + Send + Sync + 'static,
        W: FnMut(J) -> Result<A, E> + 'static,
    {
        let factory: Factory<J, A, E> = Arc::new(move || factory().map(|work| Box::new(work) as Work<J, A, E>));
        let (ready, made) = bounded(1);
        let link = Link::start(name, &factory, Some(ready))?;
        made.recv().unwrap_or_else(|_| Err(ended()))?;
        Ok(Self { name: name.to_owned(), factory, link: Some(link), last: 0, in_flight: 0, newest: None })
    }

    /// Hands on a job and gives its number; numbers rise. Two jobs may be under way: a third waits for the first one's end.
    /// A dead thread is started again; where that fails, the answer says so.
    pub fn submit(&mut self, job: J) -> u64 {
        while self.in_flight >= MAX_IN_FLIGHT {
            self.receive();
        }
        self.last += 1;
        if let Err(reason) = self.send(job) {
            self.lose(reason);
        }
        self.last
    }

    /// Waits for the answer of the job `number`, and forgets those of older ones.
    ///
    /// # Errors
    /// Any [`HelperError`]: the job's own, or that there is no answer to wait for.
    pub fn wait(&mut self, number: u64) -> Answer<A, E> {
        loop {
            if let Some((of, answer)) = self.newest.take_if(|(of, _)| *of >= number) {
                if of == number {
                    return answer;
                }
                self.newest = Some((of, answer));
                return Err(HelperError::Gone);
            }
            if self.in_flight == 0 {
                return Err(HelperError::Gone);
            }
            self.receive();
        }
    }

    /// The newest answer that is there and was not taken, with its job's number; older ones are forgotten. Does not wait.
    pub fn try_newest(&mut self) -> Option<(u64, Answer<A, E>)> {
        self.take_in();
        self.newest.take()
    }

    /// Jobs that are waiting or worked on, at most 2. Does not wait.
    pub fn in_flight(&mut self) -> usize {
        self.take_in();
        self.in_flight
    }

    /// Sends the newest job, to a new thread where the old one is dead.
    fn send(&mut self, job: J) -> Result<(), HelperError<E>> {
        let mut message = (self.last, job);
        if let Some(link) = &self.link {
            match link.send(message) {
                Ok(()) => {
                    self.in_flight += 1;
                    return Ok(());
                }
                Err(back) => message = back,
            }
        }
        // Whatever the dead thread had not answered is lost with it.
        self.in_flight = 0;
        let link = Link::start(&self.name, &self.factory, None)?;
        link.send(message).map_err(|_| ended())?;
        self.link = Some(link);
        self.in_flight = 1;
        Ok(())
    }

    /// Waits for one answer.
    fn receive(&mut self) {
        match self.link.as_ref().map(|link| link.answers.recv()) {
            Some(Ok(answer)) => self.keep(answer),
            _ => self.lose(ended()),
        }
    }

    /// Takes in what has been answered.
    fn take_in(&mut self) {
        while self.in_flight > 0 {
            match self.link.as_ref().map(|link| link.answers.try_recv()) {
                Some(Ok(answer)) => self.keep(answer),
                Some(Err(crossbeam_channel::TryRecvError::Empty)) => return,
                Some(Err(crossbeam_channel::TryRecvError::Disconnected)) | None => self.lose(ended()),
            }
        }
    }

    fn keep(&mut self, answer: (u64, Answer<A, E>)) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.newest = Some(answer);
    }

    /// The thread is dead, and with it all that was under way.
    fn lose(&mut self, reason: HelperError<E>) {
        self.link = None;
        self.in_flight = 0;
        self.newest = Some((self.last, Err(reason)));
    }
}

/// One thread and the way to it. As no more than [`MAX_IN_FLIGHT`] jobs are under way, neither side ever waits for room.
struct Link<J, A, E> {
    jobs: Option<Sender<(u64, J)>>,
    answers: Receiver<(u64, Answer<A, E>)>,
    thread: Option<JoinHandle<()>>,
}

impl<J, A, E> Link<J, A, E>
where
    J: Send + 'static,
    A: Send + 'static,
    E: Send + 'static,
{
    /// Tells `ready`, if given, what came of the first making.
    fn start(
        name: &str,
        factory: &Factory<J, A, E>,
        ready: Option<Sender<Answer<(), E>>>,
    ) -> Result<Self, HelperError<E>> {
        let (jobs, inbox) = bounded(MAX_IN_FLIGHT);
        let (outbox, answers) = bounded(MAX_IN_FLIGHT);
        let factory = Arc::clone(factory);
        let run = move || work(&factory, ready, &inbox, &outbox);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        let thread = thread.map_err(|error| HelperError::Lost { reason: error.to_string() })?;
        Ok(Self { jobs: Some(jobs), answers, thread: Some(thread) })
    }

    /// Gives the message back when the thread is dead.
    fn send(&self, message: (u64, J)) -> Result<(), (u64, J)> {
        let Some(jobs) = &self.jobs else { return Err(message) };
        jobs.send(message).map_err(|back| back.0)
    }
}

impl<J, A, E> Drop for Link<J, A, E> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself as a missing answer.
            let _ = thread.join();
        }
    }
}

fn work<J, A, E>(
    factory: &Factory<J, A, E>,
    ready: Option<Sender<Answer<(), E>>>,
    inbox: &Receiver<(u64, J)>,
    outbox: &Sender<(u64, Answer<A, E>)>,
) {
    let mut doer = None;
    if let Some(ready) = ready {
        let made = guarded(|| {
            doer = Some(factory()?);
            Ok(())
        });
        if ready.send(made).is_err() || doer.is_none() {
            return;
        }
    }
    for (number, job) in inbox {
        let answer = guarded(|| {
            let work = match &mut doer {
                Some(work) => work,
                None => doer.insert(factory()?),
            };
            work(job)
        });
        if matches!(answer, Err(HelperError::Panicked { .. })) {
            // It stopped half-way through something.
            doer = None;
        }
        if outbox.send((number, answer)).is_err() {
            return;
        }
    }
}

fn guarded<T, E>(step: impl FnOnce() -> Result<T, E>) -> Answer<T, E> {
    // What a panic leaves behind is thrown away, so nobody sees it half done.
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(HelperError::Failed),
        Err(panic) => Err(HelperError::Panicked { reason: panic_text(&*panic) }),
    }
}

/// What a panic said.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}

fn ended<E>() -> HelperError<E> {
    HelperError::Lost { reason: "it ended".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    enum Job {
        Double(u32),
        Fail,
        Panic,
        /// Panics once more where nobody catches it.
        Die,
        /// Waits for the word.
        Hold(Receiver<()>),
    }

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the thread is to end");
        }
    }

    type Helper = HelperThread<Job, u32, &'static str>;

    /// A helper that counts how often what does its jobs was made.
    fn helper() -> (Helper, Arc<AtomicU32>) {
        let made = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&made);
        let helper = HelperThread::start("test-helper", move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(|job| match job {
                Job::Double(number) => Ok(2 * number),
                Job::Fail => Err("refused"),
                Job::Panic => panic!("broken {}", 7),
                Job::Die => std::panic::panic_any(Bomb),
                Job::Hold(word) => {
                    let _ = word.recv();
                    Ok(0)
                }
            })
        });
        (helper.expect("starts"), made)
    }

    fn made(count: &AtomicU32) -> u32 {
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn an_answer_for_which_nobody_waited_is_not_taken_for_the_next_one() {
        let (mut helper, _) = helper();
        let first = helper.submit(Job::Double(1));
        let second = helper.submit(Job::Double(10));
        assert!(second > first);
        assert_eq!(helper.wait(second), Ok(20));
        assert_eq!(helper.wait(first), Err(HelperError::Gone), "it was thrown away");
        assert_eq!(helper.wait(99), Err(HelperError::Gone), "there is no such job");
    }

    #[test]
    fn a_newer_answer_is_kept_for_whoever_waits_for_it() {
        let (mut helper, _) = helper();
        let numbers: Vec<u64> = (0..5).map(|number| helper.submit(Job::Double(number))).collect();
        assert_eq!(helper.wait(numbers[1]), Err(HelperError::Gone));
        assert_eq!(helper.wait(numbers[4]), Ok(8));
    }

    #[test]
    fn a_panic_costs_one_answer() {
        let (mut helper, count) = helper();
        let number = helper.submit(Job::Panic);
        assert_eq!(helper.wait(number), Err(HelperError::Panicked { reason: "broken 7".to_owned() }));
        let number = helper.submit(Job::Double(4));
        assert_eq!((helper.wait(number), made(&count)), (Ok(8), 2), "made anew");
        let number = helper.submit(Job::Fail);
        assert_eq!(helper.wait(number), Err(HelperError::Failed("refused")));
        let number = helper.submit(Job::Double(5));
        assert_eq!((helper.wait(number), made(&count)), (Ok(10), 2), "an error is no reason to make it anew");
    }

    #[test]
    fn a_dead_thread_is_started_again() {
        let (mut helper, count) = helper();
        for round in 0..3 {
            let number = helper.submit(Job::Die);
            assert!(matches!(helper.wait(number), Err(HelperError::Lost { .. })));
            assert_eq!(helper.in_flight(), 0);
            let number = helper.submit(Job::Double(round));
            assert_eq!((helper.wait(number), made(&count)), (Ok(2 * round), 2 + round));
        }
    }

    #[test]
    fn what_waited_for_a_dead_thread_is_told_so() {
        let (mut helper, _) = helper();
        helper.submit(Job::Die);
        let waiting = helper.submit(Job::Double(3));
        // The thread may have died before it was sent: then another one has done it.
        let answer = helper.wait(waiting);
        assert!(matches!(answer, Err(HelperError::Lost { .. }) | Ok(6)), "{answer:?}");
        let number = helper.submit(Job::Double(1));
        assert_eq!(helper.wait(number), Ok(2));
    }

    #[test]
    fn whoever_does_not_wait_gets_the_newest_answer_once() {
        let (mut helper, _) = helper();
        assert_eq!((helper.try_newest(), helper.in_flight()), (None, 0));
        let (word, hold) = bounded(1);
        let held = helper.submit(Job::Hold(hold));
        assert_eq!((helper.try_newest(), helper.in_flight()), (None, 1));
        let newer = helper.submit(Job::Double(2));
        assert_eq!(helper.in_flight(), 2);
        word.send(()).expect("is heard");
        while helper.in_flight() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(helper.try_newest(), Some((newer, Ok(4))), "and not that of {held}");
        assert_eq!(helper.try_newest(), None);
    }

    #[test]
    fn what_cannot_be_made_at_the_start_is_an_error_at_once() {
        let start = |factory: fn() -> Result<fn(u32) -> Result<u32, &'static str>, &'static str>| {
            HelperThread::start("test-helper", factory).err()
        };
        assert_eq!(start(|| Err("no model")), Some(HelperError::Failed("no model")));
        assert_eq!(start(|| panic!("no")), Some(HelperError::Panicked { reason: "no".to_owned() }));
    }

    #[test]
    fn what_cannot_be_made_again_is_tried_with_every_job() {
        let tries = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&tries);
        let factory = move || match count.fetch_add(1, Ordering::Relaxed) {
            1 => Err("no memory"),
            _ => Ok(|number: u32| if number == 0 { panic!("zero") } else { Ok(number) }),
        };
        let mut helper = HelperThread::start("test-helper", factory).expect("starts");
        let mut ask = |number: u32| {
            let job = helper.submit(number);
            helper.wait(job)
        };
        assert!(matches!(ask(0), Err(HelperError::Panicked { .. })));
        assert_eq!([ask(1), ask(2)], [Err(HelperError::Failed("no memory")), Ok(2)]);
        assert_eq!(made(&tries), 3);
    }

    #[test]
    fn dropping_it_ends_the_thread_whatever_is_under_way() {
        let held = Arc::new(());
        let kept = Arc::clone(&held);
        let factory = move || {
            let kept = Arc::clone(&kept);
            Ok::<_, &str>(move |number: u32| Ok(number + Arc::strong_count(&kept) as u32))
        };
        let mut helper = HelperThread::start("test-helper", factory).expect("starts");
        helper.submit(1);
        helper.submit(2);
        drop(helper);
        assert_eq!(Arc::strong_count(&held), 1, "nothing of it is left");
    }
}
