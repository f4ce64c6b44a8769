using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Distillation;

/// <summary>A small convolutional network, [B, 1, 28, 28] → [B, C]. Its weights are always float32.</summary>
public sealed class TeacherNetwork : IDisposable
{
    private const int Topologies = 3;

    /// <summary>Images computed at once where no gradient is needed; what the caches hold.</summary>
    private const int PredictionBatch = 128;

    private readonly ScalarType _type;
    private readonly ConvLayer[] _layers;
    private readonly bool _pooled; // features averaged over the picture, else kept with their place
    // Kernel, scale and offset of each layer; then the last weight and bias.
    private readonly List<Tensor> _parameters = [];
    private readonly List<Tensor> _statistics = []; // running mean and variance of each layer

    /// <param name="variant">Which topology: members of an ensemble should err differently.</param>
    /// <param name="format">The number format of the convolutions.</param>
    public TeacherNetwork(int variant, long seed, NumberFormat format)
    {
        MklWarmUp.Prepare();
        _type = format.ToScalarType();
        _layers = Topology(variant);
        _pooled = variant % Topologies == 0;
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator((ulong)(seed + (variant / Topologies)));
        int channels = 1;
        int side = RowSequence.TimeSteps;
        foreach (ConvLayer layer in _layers)
        {
            using Scalar deviation = Math.Sqrt(2.0 / (channels * layer.Kernel * layer.Kernel)); // He et al., 2015
            Add(randn([layer.Channels, channels, layer.Kernel, layer.Kernel], generator: generator) * deviation);
            Add(ones(layer.Channels));
            Add(zeros(layer.Channels));
            _statistics.Add(zeros(layer.Channels).DetachFromDisposeScope());
            _statistics.Add(ones(layer.Channels).DetachFromDisposeScope());
            channels = layer.Channels;
            side = ((side + (2 * layer.Padding) - layer.Kernel) / layer.Stride) + 1;
        }

        int features = _pooled ? channels : channels * side * side;
        using Scalar deviationOfLast = Math.Sqrt(1.0 / features);
        Add(randn([ModelContract.Classes, features], generator: generator) * deviationOfLast);
        Add(zeros(ModelContract.Classes));
    }

    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>Running means and variances of the batch normalization: state, but not learned.</summary>
    public IReadOnlyList<Tensor> Statistics => _statistics;

    /// <param name="images">[B, 1, 28, 28], intensities.</param>
    /// <param name="training">Normalize by the batch's own statistics, and let the running ones follow.</param>
    /// <param name="momentum">Share of the batch's statistics in the running ones.</param>
    /// <returns>Logits [B, C], float.</returns>
    public Tensor Forward(Tensor images, bool training, double momentum = 0.1)
    {
        Tensor x = images.to(_type);
        for (int i = 0; i < _layers.Length; i++)
        {
            ConvLayer layer = _layers[i];
            Tensor kernel = _parameters[3 * i].to(_type);
            Tensor scale = _parameters[(3 * i) + 1];
            Tensor offset = _parameters[(3 * i) + 2];
            x = F.conv2d(x, kernel, strides: [layer.Stride, layer.Stride], padding: [layer.Padding, layer.Padding]);
            x = F.batch_norm(x, _statistics[2 * i], _statistics[(2 * i) + 1], scale, offset, training, momentum);
            x = F.relu(x, inplace: true);
        }

        x = _pooled ? x.mean([2L, 3L]) : x.flatten(1);
        return F.linear(x.to(ScalarType.Float32), _parameters[^2], _parameters[^1]);
    }

    /// <param name="pixels">[B, 28, 28].</param>
    /// <returns>[B, 1, 28, 28], intensities</returns>
    public static Tensor Images(ReadOnlySpan<byte> pixels)
    {
        var intensities = new float[pixels.Length];
        RowSequence.FromPixels(pixels, intensities);
        return tensor(intensities,
            [pixels.Length / RowSequence.Length, 1, RowSequence.TimeSteps, RowSequence.Features]);
    }

    /// <summary>The mean of the teachers' logits, without gradients.</summary>
    /// <param name="pixels">[N, 28, 28].</param>
    /// <returns>[N, C], row by row</returns>
    public static float[] Logits(IReadOnlyList<TeacherNetwork> teachers, ReadOnlySpan<byte> pixels)
    {
        int count = pixels.Length / RowSequence.Length;
        var logits = new float[count * ModelContract.Classes];
        using var noGrad = no_grad();
        for (int first = 0; first < count; first += PredictionBatch)
        {
            using DisposeScope scope = NewDisposeScope();
            int length = Math.Min(PredictionBatch, count - first);
            Tensor images = Images(pixels.Slice(first * RowSequence.Length, length * RowSequence.Length));
            Tensor sum = teachers[0].Forward(images, training: false);
            foreach (TeacherNetwork teacher in teachers.Skip(1))
            {
                sum = sum.Plus(teacher.Forward(images, training: false));
            }

            using Scalar number = teachers.Count;
            (sum / number).data<float>().CopyTo(logits, first * ModelContract.Classes);
        }

        return logits;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Concat(_statistics))
        {
            tensor.Dispose();
        }
    }

    private static ConvLayer[] Topology(int variant) => (variant % Topologies) switch
    {
        0 => [new(24, 5, 2, 2), new(48, 3, 1, 1), new(96, 3, 2, 1), new(96, 3, 1, 1), new(128, 3, 1, 0)],
        1 => [new(16, 3, 1, 1), new(32, 3, 2, 1), new(64, 3, 1, 1), new(96, 3, 2, 1), new(128, 3, 1, 0)],
        _ => [new(32, 7, 2, 3), new(48, 3, 1, 1), new(64, 5, 2, 2), new(96, 3, 1, 1), new(128, 3, 1, 0)],
    };

    private void Add(Tensor value) => _parameters.Add(value.detach().requires_grad_().DetachFromDisposeScope());

    /// <summary>One convolution, batch normalization and rectifier.</summary>
    /// <param name="Kernel">Side of the square kernel, pixels.</param>
    /// <param name="Stride">Pixels.</param>
    /// <param name="Padding">Pixels of zeros on each side.</param>
    private sealed record ConvLayer(int Channels, int Kernel, int Stride, int Padding);
}
