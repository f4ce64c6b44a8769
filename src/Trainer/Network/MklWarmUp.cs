using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Network;

/// <summary>
/// Calls the functions of whole vectors that libtorch leaves to Intel's MKL, which picks its routine at the first call.
/// If two threads make that call at once, one may compute its share by a routine of 12 bits (pytorch/pytorch#188792).
/// So 7 of 260 runs of one seed took another first step than the rest, and ended in another file. Prepared, none of 260
/// runs did.
/// </summary>
internal static class MklWarmUp
{
    private static readonly Lazy<bool> Prepared = new(() =>
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor one = ones(1); // too short to be shared among threads
        one.sqrt(); // optimizers
        one.tanh(); // LSTM
        one.exp(); // losses
        one.log();
        return true;
    });

    /// <summary>Has all routines picked by one thread, once in a process.</summary>
    public static void Prepare() => _ = Prepared.Value;
}
