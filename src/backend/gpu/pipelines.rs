//! Pipelines by kernel: equal ones are compiled once, also across programs.

use super::shader::Kernel;

/// The pipelines made so far and the one layout that all share.
#[derive(Debug)]
pub struct Pipelines {
    bind_groups: wgpu::BindGroupLayout,
    layout: wgpu::PipelineLayout,
    made: Vec<(Kernel, wgpu::ComputePipeline)>,
}

impl Pipelines {
    /// None yet.
    pub fn new(device: &wgpu::Device) -> Self {
        // An automatic layout would drop the bindings that a kernel does not use; they share one bind group, so it must not.
        let entry = |binding, ty, has_dynamic_offset| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
            count: None,
        };
        let bind_groups = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("program"),
            entries: &[
                entry(0, wgpu::BufferBindingType::Storage { read_only: false }, false),
                entry(1, wgpu::BufferBindingType::Uniform, true),
                entry(2, wgpu::BufferBindingType::Uniform, true),
            ],
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("kernel"),
            bind_group_layouts: &[Some(&bind_groups)],
            immediate_size: 0,
        });
        Self { bind_groups, layout, made: vec![] }
    }

    /// The layout that bind groups must have.
    pub fn bind_group_layout(&self) -> &wgpu::BindGroupLayout {
        &self.bind_groups
    }

    /// Number of pipelines made.
    pub fn len(&self) -> usize {
        self.made.len()
    }

    /// The pipeline of a kernel. What the compiler finds wrong is reported through the device.
    pub fn get(&mut self, device: &wgpu::Device, kernel: &Kernel) -> wgpu::ComputePipeline {
        if let Some((_, pipeline)) = self.made.iter().find(|(known, _)| known == kernel) {
            return pipeline.clone();
        }
        let label = kernel.label();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&label),
            source: wgpu::ShaderSource::Wgsl(kernel.text().into()),
        });
        let constants: Vec<_> = kernel.overrides.iter().map(|&(name, value)| (name, f64::from(value))).collect();
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label),
            layout: Some(&self.layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants,
                // Every kernel writes its workgroup memory before it reads it.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        self.made.push((kernel.clone(), pipeline.clone()));
        pipeline
    }
}
