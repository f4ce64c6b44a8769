using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Network;

/// <summary>
/// One LSTM that reads an image row by row, and a linear layer on its last output. The LSTM is that of Hochreiter and
/// Schmidhuber, 1997, with the forget gate of Gers et al., 2000. Parameters are named as PyTorch names them.
/// </summary>
public sealed class LstmClassifier : nn.Module<Tensor, Tensor>
{
    /// <summary>Images computed at once where no gradient is needed.</summary>
    private const int PredictionBatch = 1_000;

    private readonly LSTM _lstm;
    private readonly Linear _fc;

    public LstmClassifier(int hiddenSize)
        : base(nameof(LstmClassifier))
    {
        MklWarmUp.Prepare();
        HiddenSize = hiddenSize;
        _lstm = nn.LSTM(RowSequence.Features, hiddenSize, batchFirst: true);
        _fc = nn.Linear(hiddenSize, ModelContract.Classes);
        register_module("lstm", _lstm);
        register_module("fc", _fc);
    }

    /// <summary>A network as it is before the first step.</summary>
    public static LstmClassifier Create(int hiddenSize, InitialValues values, int seed)
    {
        var network = new LstmClassifier(hiddenSize);
        network.Initialize(values, seed);
        return network;
    }

    /// <summary>H.</summary>
    public int HiddenSize { get; }

    /// <summary>[4H, I], gates i f g o.</summary>
    public Tensor InputWeights => _lstm.get_parameter("weight_ih_l0")!;

    /// <summary>[4H, H], gates i f g o.</summary>
    public Tensor RecurrentWeights => _lstm.get_parameter("weight_hh_l0")!;

    /// <summary>[4H], gates i f g o; added to the input's part.</summary>
    public Tensor InputBias => _lstm.get_parameter("bias_ih_l0")!;

    /// <summary>[4H], gates i f g o; added to the recurrent part.</summary>
    public Tensor RecurrentBias => _lstm.get_parameter("bias_hh_l0")!;

    /// <summary>[C, H].</summary>
    public Tensor OutputWeights => _fc.weight!;

    /// <summary>[C].</summary>
    public Tensor OutputBias => _fc.bias!;

    /// <summary>All parameters, in the order of PyTorch's state dict.</summary>
    public IReadOnlyList<Tensor> Weights =>
        [InputWeights, RecurrentWeights, InputBias, RecurrentBias, OutputWeights, OutputBias];

    /// <summary>Those of <see cref="Weights"/> that training changes.</summary>
    public IReadOnlyList<Tensor> TrainedWeights => [.. Weights.Where(w => w.requires_grad)];

    /// <param name="input">rows [B, T, I]</param>
    /// <returns>logits [B, C]</returns>
    public override Tensor forward(Tensor input)
    {
        (Tensor outputs, _, _) = _lstm.forward(input); // [B, T, I] → [B, T, H]
        return _fc.forward(outputs.select(1, -1)); // [B, H] → [B, C]
    }

    /// <summary>Sets every weight.</summary>
    /// <param name="seed">The weights depend on it alone.</param>
    public void Initialize(InitialValues values, int seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.InitialValues);
        if (values == InitialValues.TensorFlow)
        {
            InitializeAsTensorFlow(random);
            return;
        }

        float limit = 1 / MathF.Sqrt(HiddenSize);
        foreach (Tensor weights in Weights)
        {
            Fill(weights, () => random.NextSymmetric(limit));
        }
    }

    /// <summary>Another network of the same weights.</summary>
    public LstmClassifier Copy()
    {
        var copy = new LstmClassifier(HiddenSize);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Takes the weights of another network.</summary>
    internal void CopyFrom(LstmClassifier other)
    {
        using var noGrad = no_grad();
        foreach ((Tensor from, Tensor to) in other.Weights.Zip(Weights))
        {
            to.copy_(from);
        }
    }

    /// <summary>Computes without gradients, a batch a thread.</summary>
    /// <returns>logits [N, C], row by row</returns>
    public float[] PredictLogits(DigitSet digits)
    {
        var logits = new float[digits.Count * ModelContract.Classes];
        int batches = (digits.Count + PredictionBatch - 1) / PredictionBatch;
        Parallel.For(0, batches, b =>
        {
            set_num_threads(1);
            using DisposeScope scope = NewDisposeScope();
            using var noGrad = no_grad();
            int first = b * PredictionBatch;
            DigitSet batch = digits.Slice(first, Math.Min(first + PredictionBatch, digits.Count));
            forward(Batch.Rows(batch)).data<float>().CopyTo(logits, first * ModelContract.Classes);
        });
        return logits;
    }

    /// <summary>
    /// BasicLSTMCell has one kernel [I + H, 4H], filled by TensorFlow's default (Glorot and Bengio, 2010, uniform). Its
    /// one bias is 0, to which it adds the forget bias 1. Here the forget bias is the bias' initial value. PyTorch's
    /// second bias stays 0: two biases with the same gradient would learn at twice the rate.
    /// </summary>
    private void InitializeAsTensorFlow(CounterRandom random)
    {
        const float forgetBias = 1;
        float limit = MathF.Sqrt(6f / (RowSequence.Features + HiddenSize + (4 * HiddenSize)));
        Fill(InputWeights, () => random.NextSymmetric(limit));
        Fill(RecurrentWeights, () => random.NextSymmetric(limit));
        Fill(InputBias, () => 0);
        using (no_grad())
        {
            using Tensor forgetGate = InputBias.narrow(0, HiddenSize, HiddenSize);
            forgetGate.fill_(forgetBias);
        }

        Fill(RecurrentBias, () => 0);
        RecurrentBias.requires_grad = false;
        Fill(OutputWeights, () => random.NextNormal());
        Fill(OutputBias, () => random.NextNormal());
    }

    private static void Fill(Tensor weights, Func<float> draw)
    {
        float[] values = [.. Enumerable.Range(0, (int)weights.numel()).Select(_ => draw())];
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        weights.copy_(tensor(values, weights.shape));
    }
}
