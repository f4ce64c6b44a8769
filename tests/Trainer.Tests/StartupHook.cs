using System.Reflection;
using System.Runtime.CompilerServices;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Native;

/// <summary>
/// Makes the trainer find its kernels wrong: with WRONG_KERNELS=fast those that oneDNN chooses, with WRONG_KERNELS=all
/// those of AVX2 too. .NET runs this in a trainer that is started with DOTNET_STARTUP_HOOKS.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        string? wrong = Environment.GetEnvironmentVariable("WRONG_KERNELS");
        if (wrong == "all" || (wrong == "fast" && Libtorch.KernelLimit is null))
        {
            KernelCheck.Tolerance = -1;
        }
    }

    /// <summary>Checks the kernels before the test runner connects to this process, which may start again.</summary>
    [ModuleInitializer]
    public static void CheckKernels()
    {
        if (Assembly.GetEntryAssembly() != typeof(StartupHook).Assembly)
        {
            return; // a trainer with this hook
        }

        Initialize();
        try
        {
            Libtorch.Require();
        }
        catch (TrainerException)
        {
            // LibtorchFixture says it where the runner hears it.
        }
    }
}
