//! The avatar in its studio, drawn into memory: no window, time stepped by hand, every picture read back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bevy::app::{PluginsState, SubApps, TerminalCtrlCHandlerPlugin};
use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{PollType, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderDevice;
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::cutout::Cutout;
use crate::app::adapter::Adapter;
use crate::app::avatar::{Animator, Avatar, AvatarChoice, AvatarCount, AvatarState, HumanoidRig, ShownPose, Standing};
use crate::app::error::AppError;
use crate::app::scene::Backdrop;
use crate::app::{avatar, engine, scene, schedule};
use crate::frame::RgbImage;
use crate::motion::retarget::AvatarPose;
use crate::motion::session::PoseSampler;
use crate::settings::Background;

/// The avatar's files come from the local disk; longer means that something hangs.
const LOAD_TIMEOUT: Duration = Duration::from_mins(1);
/// Updates after loading until textures and pipelines are all on the adapter.
const WARM_UP_UPDATES: u32 = 4;
/// Updates after which a picture that was not read back counts as lost.
const MOST_UPDATES_BEHIND: usize = 8;

/// One avatar in one picture.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// Its pose.
    pub pose: AvatarPose,
    /// Where it stands.
    pub standing: Standing,
}

/// The studio, ready to be drawn.
pub struct Stage {
    sub_apps: SubApps,
    adapter: String,
    camera: Entity,
    size: (u32, u32),
    pictures: Receiver<Vec<u8>>,
    sender: Sender<Vec<u8>>,
    target: Handle<Image>,
    is_reading: bool,
    /// One for each update whose picture has not come back: whether anybody asked for it. Every update is read back,
    /// also those that only wait.
    under_way: VecDeque<bool>,
    /// Packed rows of red, green, blue and opacity, as the adapter has them.
    ready: VecDeque<Vec<u8>>,
}

impl Stage {
    /// Sets the studio up and waits until so many avatars, at least one, stand in it, all of the kind that `choice`
    /// names.
    ///
    /// # Errors
    /// [`AppError::Avatar`] when the avatar cannot be loaded.
    pub fn new(
        adapter: &Adapter,
        width: u32,
        height: u32,
        step: Duration,
        avatars: usize,
        choice: &str,
    ) -> Result<Self, AppError> {
        let mut app = App::new();
        app.add_plugins(
            engine::plugins(adapter, true)
                .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
                .disable::<WinitPlugin>()
                // Signals are the caller's: nobody looks here for the message that this one would send.
                .disable::<TerminalCtrlCHandlerPlugin>()
                .disable::<PipelinedRenderingPlugin>(),
        )
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO))
        .insert_resource(adapter.quality)
        .insert_resource(AvatarCount(avatars.max(1)))
        .insert_resource(AvatarChoice(choice.to_owned()))
        .add_plugins((schedule::plugin, avatar::plugin, scene::plugin));
        while app.plugins_state() == PluginsState::Adding {
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();

        let mut sub_apps = std::mem::take(app.sub_apps_mut());
        let world = sub_apps.main.world_mut();
        let mut image = Image::new_target_texture(width, height, TextureFormat::Rgba8UnormSrgb, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let mut images = world.resource_mut::<Assets<Image>>();
        let target = images.add(image);
        let camera = scene::studio_camera(&mut images, adapter.quality);
        let camera = world.spawn((camera, RenderTarget::Image(target.clone().into()))).id();
        let (sender, pictures) = channel();
        let mut stage = Self {
            sub_apps,
            adapter: adapter.name.clone(),
            camera,
            size: (width, height),
            pictures,
            sender,
            target,
            is_reading: false,
            under_way: VecDeque::new(),
            ready: VecDeque::new(),
        };
        stage.wait_for_avatar()?;
        *stage.world().resource_mut::<TimeUpdateStrategy>() = TimeUpdateStrategy::ManualDuration(step);
        Ok(stage)
    }

    /// Places the camera, metres. The haze goes along, so that avatars are as clear from farther off.
    pub fn look(&mut self, from: Vec3, at: Vec3) {
        let camera = self.camera;
        if let Some(mut transform) = self.world().get_mut::<Transform>(camera) {
            *transform = Transform::from_translation(from).looking_at(at, Vec3::Y);
        }
        if let Some(mut fog) = self.world().get_mut::<DistanceFog>(camera) {
            fog.falloff = scene::haze(from.distance(at));
        }
    }

    /// What is seen behind the avatars from the next picture on.
    pub fn set_background(&mut self, background: Background) {
        self.world().insert_resource(Backdrop(background));
    }

    /// A fresh sampler for each avatar on this stage, in their order.
    ///
    /// # Errors
    /// [`AppError::Avatar`] when there is none.
    pub fn samplers(&mut self) -> Result<Vec<PoseSampler>, AppError> {
        let world = self.world();
        let mut rigs: Vec<_> = world.query::<(&Avatar, &HumanoidRig)>().iter(world).collect();
        rigs.sort_unstable_by_key(|(avatar, _)| **avatar);
        if rigs.is_empty() {
            return Err(AppError::Avatar { message: "the avatar was loaded without a rig".to_owned() });
        }
        Ok(rigs.into_iter().map(|(_, rig)| PoseSampler::new(Arc::new(rig.rest.clone()))).collect())
    }

    /// Draws the avatars, by their number, like this. The picture comes later, in order, from [`Self::next_picture`].
    ///
    /// # Errors
    /// [`AppError::NoPicture`] when the adapter stopped giving pictures back.
    pub fn draw(&mut self, figures: &[Figure]) -> Result<(), AppError> {
        if !self.is_reading {
            self.is_reading = true;
            let sender = self.sender.clone();
            let readback = Readback::texture(self.target.clone());
            self.world().spawn(readback).observe(move |done: On<ReadbackComplete>| {
                // Nobody listens once the stage is gone.
                let _ = sender.send(done.data.clone());
            });
        }
        self.step(figures, true)
    }

    /// The next picture that has come back.
    pub fn next_picture(&mut self) -> Option<RgbImage> {
        let (width, height) = self.size;
        let data = self.ready.pop_front()?.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Some(RgbImage { width, height, data })
    }

    /// The next picture that has come back, to be laid over something else.
    pub fn next_cutout(&mut self) -> Option<Cutout> {
        let (width, height) = self.size;
        Some(Cutout::from_premultiplied(width, height, self.ready.pop_front()?))
    }

    /// Waits for the pictures that are still under way.
    ///
    /// # Errors
    /// [`AppError::NoPicture`] when they never come.
    pub fn flush(&mut self, figures: &[Figure]) -> Result<(), AppError> {
        while self.under_way.contains(&true) {
            self.step(figures, false)?;
        }
        Ok(())
    }

    fn step(&mut self, figures: &[Figure], is_wanted: bool) -> Result<(), AppError> {
        let world = self.world();
        let mut avatars = world.query::<(&Avatar, &mut ShownPose, &mut Standing)>();
        for (avatar, mut shown, mut standing) in avatars.iter_mut(world) {
            if let Some(figure) = figures.get(avatar.number) {
                (shown.0, *standing) = (figure.pose, figure.standing);
            }
        }
        self.under_way.push_back(is_wanted);
        self.update();
        while let Ok(data) = self.pictures.try_recv() {
            if self.under_way.pop_front() == Some(true) {
                self.ready.push_back(self.unpack(&data));
            }
        }
        if self.under_way.len() > MOST_UPDATES_BEHIND {
            return Err(AppError::NoPicture { adapter: self.adapter.clone() });
        }
        Ok(())
    }

    /// Rows, padded as the adapter likes them, to packed ones.
    fn unpack(&self, data: &[u8]) -> Vec<u8> {
        let (width, height) = self.size;
        let stride = data.len() / height as usize;
        data.chunks_exact(stride).flat_map(|row| &row[..width as usize * 4]).copied().collect()
    }

    fn wait_for_avatar(&mut self) -> Result<(), AppError> {
        let began = Instant::now();
        loop {
            self.update();
            match self.world().resource::<AvatarState>() {
                AvatarState::Ready => break,
                AvatarState::Failed { message } => return Err(AppError::Avatar { message: message.clone() }),
                AvatarState::Loading if began.elapsed() > LOAD_TIMEOUT => {
                    return Err(AppError::Avatar { message: "the avatar did not load within a minute".to_owned() });
                }
                AvatarState::Loading => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        for _ in 0..WARM_UP_UPDATES {
            self.update();
        }
        let world = self.world();
        // Poses are written by the job, not by tracking systems; the animator on the entity is not used.
        let mut animators = world.query_filtered::<Entity, With<Animator>>();
        for entity in animators.iter(world).collect::<Vec<_>>() {
            world.entity_mut(entity).remove::<Animator>();
        }
        Ok(())
    }

    fn update(&mut self) {
        self.sub_apps.update();
        if let Some(device) = self.sub_apps.main.world().get_resource::<RenderDevice>() {
            // An error means that the device is lost; the pictures then stay away, which is reported as such.
            let _ = device.wgpu_device().poll(PollType::wait_indefinitely());
        }
    }

    fn world(&mut self) -> &mut World {
        self.sub_apps.main.world_mut()
    }
}
