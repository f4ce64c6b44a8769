using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Training;

/// <summary>A thread's own copy of the network that is trained, in one number format.</summary>
/// <param name="hiddenSize">H.</param>
public sealed class Replica(int worker, int hiddenSize, NumberFormat format) : IDisposable
{
    private readonly LstmClassifier _network = (LstmClassifier)new LstmClassifier(hiddenSize).to(format.ToScalarType());

    public int Worker => worker;

    /// <param name="rows">[B * T * I] intensities.</param>
    /// <returns>[B, C], float32</returns>
    public Tensor Logits(float[] rows) => Logits(Batch.Rows(rows));

    /// <param name="rows">[B, T, I] intensities.</param>
    /// <returns>[B, C], float32</returns>
    public Tensor Logits(Tensor rows) => _network.forward(rows.to(format.ToScalarType())).to(ScalarType.Float32);

    /// <summary>Takes the weights of the master and forgets the gradients of the step before.</summary>
    /// <returns>The copies of the weights that training changes.</returns>
    internal IReadOnlyList<Tensor> Follow(LstmClassifier master)
    {
        _network.CopyFrom(master);
        _network.Weights.ZeroGradients();
        return [.. _network.Weights.Where((_, n) => master.Weights[n].requires_grad)];
    }

    public void Dispose() => _network.Dispose();
}
