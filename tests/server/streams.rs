//! The stream as it is meant to be used.

use livedance::wire::schema;

use crate::support::*;

#[tokio::test]
async fn frames_are_answered_in_order() {
    let server = start(options());
    let mut client = Client::connect(server.address()).await;
    let configured = client.configure(schema::Configure::default()).await;
    assert_eq!((configured.hands, configured.people, configured.model.as_str()), (false, 1, "lite"));
    for (sequence, jpeg) in demo(3).iter().enumerate() {
        let pose = client.track(sequence as u64, jpeg).await;
        assert_eq!((pose.sequence, pose.width, pose.height, pose.dropped), (sequence as u64, 640, 480, 0));
        assert_eq!(pose.people.len(), 1);
    }
    stop(server).await;
}
