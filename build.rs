//! Compiles the wire's Protobuf schema, where the features that use it are on.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "remote")]
    compile_schema()?;
    Ok(())
}

#[cfg(feature = "remote")]
fn compile_schema() -> Result<(), Box<dyn std::error::Error>> {
    const FOLDER: &str = "src/wire/proto";
    let schema = format!("{FOLDER}/livedance.proto");
    println!("cargo:rerun-if-changed={schema}");
    let descriptors = protox::compile([&schema], [FOLDER])?;
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}
