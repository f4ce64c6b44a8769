using MnistLstm.Shared;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Training;

/// <summary>
/// Copies of the network in one number format, one a thread: each computes its part of a batch alone, and the parts
/// are added in a fixed order. That is faster than threads inside the operators.
/// </summary>
/// <param name="format">What the copies hold and compute in.</param>
/// <param name="options">The network's size and how many copies: threads.</param>
public sealed class Replicas(NumberFormat format, TrainingOptions options) : IDisposable
{
    /// <summary>Images computed at once by one replica: their activations fit a core's second-level cache.</summary>
    private const int Chunk = 64;

    private readonly LstmClassifier[] _networks =
        [.. Enumerable.Range(0, options.Threads).Select(_ => (LstmClassifier)new LstmClassifier(options.HiddenSize).to(format.ToScalarType()))];

    /// <summary>The loss of some images of a batch.</summary>
    /// <param name="network">Float32 intensities go through <see cref="Logits"/>.</param>
    /// <param name="worker">Number of the thread.</param>
    /// <param name="first">Place in the batch.</param>
    /// <param name="count">Images from there on.</param>
    /// <returns>Sum of the images' losses.</returns>
    public delegate Tensor ChunkLoss(LstmClassifier network, int worker, int first, int count);

    /// <param name="master">The weights.</param>
    /// <param name="batchSize">Images of the batch.</param>
    /// <param name="loss">Called for each chunk, on its worker's thread.</param>
    /// <returns>The gradient of the batch's mean loss, [P] float32, and that loss.</returns>
    public (Tensor Gradient, float Loss) Gradient(LstmClassifier master, int batchSize, ChunkLoss loss)
    {
        var gradients = new Tensor[_networks.Length];
        var losses = new float[_networks.Length];
        int share = (batchSize + _networks.Length - 1) / _networks.Length;
        Task[] others = [.. Enumerable.Range(1, _networks.Length - 1).Select(worker => Task.Run(() => Compute(worker)))];
        Compute(0);
        Task.WaitAll(others);

        Tensor sum = gradients[0];
        foreach (Tensor gradient in gradients.Skip(1))
        {
            sum.AddInPlace(gradient);
            gradient.Dispose();
        }

        return (sum, losses.Sum());

        void Compute(int worker)
        {
            set_num_threads(1);
            int first = worker * share;
            (gradients[worker], losses[worker]) = GradientOfPart(
                master, worker, first, Math.Min(first + share, batchSize), batchSize, loss);
        }
    }

    /// <param name="rows">[B * T * I] intensities.</param>
    /// <returns>[B, C], float32</returns>
    public Tensor Logits(LstmClassifier network, float[] rows)
    {
        Tensor input = tensor(rows, [rows.Length / RowSequence.Length, RowSequence.TimeSteps, RowSequence.Features]).to(format.ToScalarType()); // [B, T, I]
        return network.forward(input).to(ScalarType.Float32);
    }

    public void Dispose()
    {
        foreach (LstmClassifier network in _networks)
        {
            network.Dispose();
        }
    }

    private (Tensor Gradient, float Loss) GradientOfPart(
        LstmClassifier master, int worker, int start, int end, int batchSize, ChunkLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        LstmClassifier network = _networks[worker];
        IReadOnlyList<Tensor> weights = network.Weights;
        IReadOnlyList<Tensor> trained = [.. master.Weights.Zip(weights).Where(pair => pair.First.requires_grad).Select(pair => pair.Second)];
        using (no_grad())
        {
            foreach ((Tensor from, Tensor to) in master.Weights.Zip(weights))
            {
                to.copy_(from);
            }
        }

        foreach (Tensor weight in weights)
        {
            weight.grad?.zero_();
        }

        float lossSum = 0;
        for (int first = start; first < end; first += Chunk)
        {
            using DisposeScope chunkScope = NewDisposeScope();
            using Scalar count = batchSize;
            Tensor mean = loss(network, worker, first, Math.Min(Chunk, end - first)) / count;
            mean.backward();
            lossSum += mean.item<float>();
        }

        return (Muon.FlatGradient(trained).DetachFromDisposeScope(), lossSum);
    }
}
