using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Tests;

[assembly: AssemblyFixture(typeof(LibtorchFixture))]

namespace MnistLstm.Trainer.Tests;

/// <summary>Loads libtorch before any test, as the program does.</summary>
public sealed class LibtorchFixture
{
    public LibtorchFixture() => Libtorch.Require();
}
