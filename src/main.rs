//! `cuadre`, the program: everything is in [`cuadre::cli`].

fn main() -> std::process::ExitCode {
    cuadre::cli::main()
}
